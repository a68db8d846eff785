# SPDX-License-Identifier: MIT
"""Of a source tree; a wheel has the version of the library here."""
__version__ = "0"
