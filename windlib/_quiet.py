"""TensorFlow and Keras, imported without notices on the standard error.

No setting stops them, and they would end up in the notebooks' outputs.
"""

import os

__all__ = ["keras", "tf"]

_kept, _null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
os.dup2(_null, 2)
try:
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # the second notice comes with the first use
    tf.get_logger().setLevel("ERROR")  # its warning takes several programs for one traced anew
finally:
    os.dup2(_kept, 2)
    os.close(_kept)
    os.close(_null)
