"""TensorFlow and Keras, imported without notices on the standard error.

No setting stops them, and they would end up in the notebooks' outputs.
"""

import os

__all__ = ["keras", "tf"]

try:
    _kept = os.dup(2)
except OSError:  # closed; what a library opens meanwhile must not become the standard error
    _kept = None
_null = os.open(os.devnull, os.O_WRONLY)
os.dup2(_null, 2)
if _null != 2:
    os.close(_null)
try:
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # the second notice comes with the first use
    tf.get_logger().setLevel("ERROR")  # its warning takes several programs for one traced anew
finally:
    if _kept is None:
        os.close(2)
    else:
        os.dup2(_kept, 2)
        os.close(_kept)
