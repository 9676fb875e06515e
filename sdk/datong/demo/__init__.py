"""An invented pension register, and a walk through the main job on it."""

from datong.demo._adapter import reviewed_folder
from datong.demo._register import Register, Witness
from datong.demo._register import build as build_register
from datong.demo._walk import run

__all__ = ["Register", "Witness", "build_register", "reviewed_folder", "run"]
