"""`python -m services.scoring`: one scoring worker."""

import gc

gc.disable()  # a tenth of the time that the imports take; `run` enables it when they are done

from services.scoring.main import run  # noqa: E402

run()
