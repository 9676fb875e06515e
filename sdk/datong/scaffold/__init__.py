"""From introspected structures to an adapter folder that works as it is."""

from datong.scaffold._facts import Facts
from datong.scaffold._propose import LeftOut, Proposal, propose
from datong.scaffold._render import render

__all__ = ["Facts", "LeftOut", "Proposal", "propose", "render"]
