# SPDX-License-Identifier: MIT
"""python -m freevisa"""
from freevisa import main

main()
