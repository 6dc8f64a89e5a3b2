"""The pictures that stand for live figures on paper and where there is no script."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

from windlib import blackbox, plotting
from windlib.datasets import network_input
from windlib.hamiltonians import aah, dirac, hatano_nelson, nonhermitian_ssh, ssh
from windlib.winding import link_angles, winding_number

S = 2 * np.pi * np.arange(33) / 32
LIMACON = np.exp(1j * S) + np.exp(2j * S) - 0.35 + 0.15j  # as in figures.js


def _plane(ax, curve, title=""):
    """A curve whose links are coloured by the angle that they turn by."""
    ends = np.stack([curve[:-1], curve[1:]], axis=1)
    lines = matplotlib.collections.LineCollection(
        np.stack([ends.real, ends.imag], axis=2),
        cmap="coolwarm",
        norm=plt.Normalize(-1.2, 1.2),
        array=link_angles(curve),
        lw=3,
    )
    ax.add_collection(lines)
    ax.plot(0, 0, "k+", ms=14)
    ax.autoscale()
    ax.set_aspect("equal", "datalim")
    ax.set_title(title or f"w = {winding_number(curve)}".replace("-", "−"))


def _turns(ax, curve):
    angles = link_angles(curve)
    colours = plt.get_cmap("coolwarm")(plt.Normalize(-1.2, 1.2)(angles))
    ax.bar(np.arange(1, len(curve)), angles, color=colours)
    ax.set(xlabel="link n", ylabel="Δθ(n) (radians)", ylim=(-np.pi, np.pi))


def _two():
    return plt.subplots(1, 2, figsize=(8.5, 3.4))


def winding(networks):
    """A closed curve with coloured links, the origin, and the angle by which each link turns."""
    fig, (plane, turns) = _two()
    _plane(plane, LIMACON)
    _turns(turns, LIMACON)
    return fig


def links(networks):
    """What each link gives to a network's sum, and what each kernel gives to one link."""
    fig, (left, right) = _two()
    network = _named(networks, "aiii-cnn-ours")
    layer = network.get_layer("links")
    d = np.asarray(layer(network_input(LIMACON[None])))[0]
    left.bar(np.arange(1, 33), d, color=plotting.BLUE)
    left.set(xlabel="link n", ylabel="D(n)")
    kernel, bias, factors, _ = (np.squeeze(w) for w in layer.get_weights())
    pair = network_input(LIMACON[None])[0, 5:7].ravel()
    seen = np.maximum(pair @ kernel.reshape(4, -1) + bias, 0) * factors
    right.bar(np.arange(1, len(seen) + 1), seen, color=plotting.ORANGE)
    right.set(xlabel="kernel", ylabel="what it adds to D(6)")
    return fig


def turn(networks):
    """The curve of a non-Hermitian chain, and the angle by which each of its links turns."""
    fig, (plane, turns) = _two()
    curve = nonhermitian_ssh.curve(0.5, 1.0)
    _plane(plane, curve)
    _turns(turns, curve)
    return fig


def ellipse(networks):
    """The ellipse of a ring's determinant, a diameter seen from 0, and its links' turns."""
    fig, (plane, turns) = _two()
    curve = aah.curve(0.5, 0.0, V1=3.3, V2=0.0)[0]
    _plane(plane, curve)
    seen = np.array([curve[8], 0, curve[24]])
    plane.plot(seen.real, seen.imag, color=plotting.GREY)
    _turns(turns, curve)
    return fig


def loop(networks):
    """A loop around an exceptional point, and two energies along it, which change places."""
    fig, (momenta, energies) = _two()
    center, points = -0.3 + 2.9j, np.concatenate(dirac.exceptional_points([1.0], [3.0]))
    k = center + np.exp(-1j * S)
    momenta.plot(k.real, k.imag, color=plotting.GREY)
    momenta.plot(points.real, points.imag, "kx")
    for point, name in zip(points, ["$k_+$", "$k_-$"], strict=True):
        # within the loop
        place = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
        momenta.annotate(name, (point.real, point.imag), **place)
    momenta.set(xlabel="$k_x$", ylabel="$k_y$", xlim=(-4.5, 4.5), ylim=(-4.5, 4.5), aspect="equal")
    z = dirac.curve([1.0], [3.0], [center])[0]
    half = (np.angle(z[0]) + np.append(0, np.cumsum(link_angles(z)))) / 2
    e = np.sqrt(np.abs(z)) * np.exp(1j * half) / 2
    for energy, color, name in [(e, plotting.RED, "$E_+$"), (-e, plotting.BLUE, "$E_-$")]:
        energies.plot(energy.real, energy.imag, color=color, label=name)
        energies.plot(energy[0].real, energy[0].imag, "o", color=color)
    energies.set(xlabel="Re E", ylabel="Im E", aspect="equal")
    energies.legend()
    return fig


def kinks(networks):
    """The output that a network's weights foretell for each winding number, and its two kinks."""
    fig, ax = plt.subplots(figsize=(5.5, 3.6))
    network = _named(networks, "aiii-cnn")
    w = np.linspace(-6, 6, 121)
    ax.plot(w, w, "--", color=plotting.GREY)
    ax.plot(w, blackbox.predicted_output(network, w), color=plotting.RED)
    for kink in blackbox.anatomy(network).clips_at:
        ax.axvline(kink, color=plotting.BLUE, ls=":")
    ax.set(xlabel="winding number w", ylabel="output w̃", ylim=(-6, 6))
    return fig


def hand(networks):
    """What two networks by hand, of 40 and of 12 kernels, say of a link, against its turn."""
    fig, ax = plt.subplots(figsize=(5.5, 3.6))
    x = np.linspace(-np.pi, np.pi, 241)
    for knots, directions in [(8, 5), (4, 3)]:
        network = blackbox.by_hand(knots=knots, directions=directions)
        d = blackbox.link_response(network, S[:-1, None], x).mean(axis=0)
        ax.plot(x, d - 1.25 * np.pi, label=f"{knots} knots, {directions} directions")
    ax.set(xlabel="Δφ (radians)", ylabel="angle read (radians)")
    ax.legend()
    return fig


def train(networks):
    """What a trained network's convolutions say of every possible link, as a map."""
    fig, ax = plt.subplots(figsize=(5.5, 3.6))
    phi, dphi = np.meshgrid(np.linspace(0, 2 * np.pi, 65), np.linspace(-np.pi, np.pi, 65))
    d = blackbox.link_response(_named(networks, "aiii-cnn-ours"), phi, dphi)
    surface = ax.pcolormesh(phi, dphi, d, cmap="coolwarm", rasterized=True)  # not 4,096 squares
    fig.colorbar(surface, label="D(φ, Δφ)")
    ax.set(xlabel="φ (radians)", ylabel="Δφ (radians)")
    return fig


def peak(networks):
    """The curve of an SSH chain, and the weights of a linear network along the Brillouin zone."""
    fig, (plane, weights) = _two()
    _plane(plane, ssh.curve(1.0, 1.6))
    found = _named(networks, "ssh-linear").get_weights()[0].reshape(33, 2)
    weights.plot(S, found, label=["of hx", "of hy"])
    plotting.brillouin_axis(weights)
    weights.set_ylabel("weight")
    weights.legend()
    return fig


def penalty(networks):
    """What networks trained with a weak and a strong penalty say of a link, against its turn."""
    fig, ax = plt.subplots(figsize=(5.5, 3.6))
    x = np.linspace(-np.pi, np.pi, 121)
    short = "aiii-cnn-ours-short"
    for name, label in [(short, "no penalty"), (f"{short}-l2-3e-02", "λ = 0.03")]:
        d = blackbox.link_response(_named(networks, name), S[:-1, None], x).mean(axis=0)
        ax.plot(x, d / (np.abs(d).max() * np.sign((d * x).sum())), label=label)
    ax.set(xlabel="Δφ (radians)", ylabel="mean of D over φ, in units of its size")
    ax.legend()
    return fig


def skin(networks):
    """Energies of a Hatano–Nelson ring and of an open chain in the complex plane."""
    fig, ax = plt.subplots(figsize=(4.6, 3.6))
    t_r, t_l = 0.5, np.exp(0.6j)
    ring = hatano_nelson.curve(t_r, t_l, 2)
    ax.plot(ring.real, ring.imag, label="ring")
    open_chain = np.linalg.eigvals(hatano_nelson.matrix(t_r, t_l, 2, 40, periodic=False))
    ax.plot(open_chain.real, open_chain.imag, ".", label="open chain")
    ax.set(xlabel="Re E", ylabel="Im E", aspect="equal")
    ax.legend()
    return fig


def playground(networks):
    """A closed curve with coloured links, the origin, and the angle by which each link turns."""
    return winding(networks)


PICTURES = {
    f.__name__: f
    for f in (
        winding,
        links,
        turn,
        ellipse,
        loop,
        kinks,
        hand,
        train,
        peak,
        penalty,
        skin,
        playground,
    )
}


def _named(networks, experiment):
    """The first network that is offered of an experiment."""
    return next(n for name, n in networks.items() if name.rsplit("-", 1)[0] == experiment)


def write(folder, networks):
    """Draw all pictures into a folder."""
    with plt.rc_context({"svg.hashsalt": "windlib"}):
        plotting.use_style()
        for name, draw in PICTURES.items():
            fig = draw(networks)
            fig.savefig(folder / f"live-{name}.svg", metadata={"Date": None})
            plt.close(fig)
