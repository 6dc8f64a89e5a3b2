"""For ``pytest --nbval``: the stored outputs hold no progress lines."""

import os

os.environ["WINDLIB_PROGRESS"] = "0"  # the notebooks' kernels inherit it
