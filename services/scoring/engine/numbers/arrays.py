"""Names for the arrays of the engine. Shapes are written as (draws, units, criteria); an array may leave out axes on the left."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[Any]

Direction = Literal["higher", "lower"]
