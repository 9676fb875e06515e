import sys

from datong.cli import main

sys.exit(main())
