"""Transforms of dates and times."""

import re
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property
from itertools import product
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Described
from pydantic import field_validator, model_validator

from datong.mapping._faults import Fault
from datong.mapping._stage import Order, Stage
from datong.mapping._transform import OptionError, Place, Texts, Transform, several
from datong.mapping._wire import instant_of, plain_text
from datong.mapping._zone import Zone as ZoneRules
from datong.mapping._zone import zone as zone_of

_WIDTHS = {"Y": "4", "y": "2", "m": "2", "d": "2", "H": "2", "M": "2", "S": "2", "f": "1,6"}
_LOOSE = frozenset("mdHMS")
_OFFSET = r"(?P<z>Z|[+-]\d{2}:?\d{2})"
_DESCENDING = ("Y", "m", "d", "H", "M", "S")
_EPOCHS = {"epoch": 1, "epochMillis": 1000}
_START = datetime(1970, 1, 1, tzinfo=UTC)
_CENTURY = 100


@dataclass(frozen=True)
class Form:
    """One declared way of writing a moment: strptime's letters Y y m d H M S f z, the rest literal.

    Between other characters a month, day or clock part may have one digit or two, beside another
    part exactly two; `padded` asks for two always. `%y` needs `pivot`: years up to it belong to
    2000, the others to 1900.
    """

    text: str
    pivot: int | None = None
    padded: bool = False

    @cached_property
    def parts(self) -> list[str]:
        """Letters of parts, and literals with a leading quote."""
        found: list[str] = []
        for letter, literal in re.findall(r"%(.)|([^%])", self.text):
            found.append("'%" if letter == "%" else letter or f"'{literal}")
        return found

    @cached_property
    def problem(self) -> str | None:
        """Why this is no form: `letter`, `pivot` or `twice`; None if it is one."""
        letters = [part for part in self.parts if not part.startswith("'")]
        if self.text.endswith("%") and not self.text.endswith("%%"):
            return "letter"
        if not letters or set(letters) - set(_WIDTHS) - {"z"}:
            return "letter"
        if len(set(letters)) != len(letters) or {"Y", "y"} <= set(letters):
            return "twice"
        return "pivot" if "y" in letters and self.pivot is None else None

    def _loose(self, place: int) -> bool:
        around = self.parts[max(0, place - 1) : place] + self.parts[place + 1 : place + 2]
        apart = all(part.startswith("'") and not part[1].isdigit() for part in around)
        return self.parts[place] in _LOOSE and apart and not self.padded

    @cached_property
    def match(self) -> Callable[[str], "re.Match[str] | None"]:
        pattern = ""
        for place, part in enumerate(self.parts):
            if part.startswith("'"):
                pattern += re.escape(part[1:])
            elif part == "z":
                pattern += _OFFSET
            else:
                width = "1,2" if self._loose(place) else _WIDTHS[part]
                pattern += f"(?P<{part}>[0-9]{{{width}}})"
        return re.compile(pattern, re.ASCII).fullmatch

    def read(self, text: str) -> datetime | None:
        """None where the text is not of this form, or names no real moment."""
        found = self.match(text)
        if found is None:
            return None
        parts = found.groupdict()
        try:
            day = date(self._year(parts), int(parts.get("m") or 1), int(parts.get("d") or 1))
            hour, minute, second = (int(parts.get(part) or 0) for part in "HMS")
            micro = int((parts.get("f") or "").ljust(6, "0"))
            return datetime.combine(day, time(hour, minute, second, micro, tzinfo=_offset(parts.get("z"))))
        except ValueError:
            return None

    def _year(self, parts: dict[str, Any]) -> int:
        if "y" not in parts:
            return int(parts.get("Y", 1900))
        short = int(parts["y"])
        return short + (2000 if short <= (self.pivot or 0) else 1900)

    def write(self, moment: datetime) -> list[str]:
        """Every way in which this form writes the moment, as far as it can."""
        written = [self._written(place, part, moment) for place, part in enumerate(self.parts)]
        return ["".join(pieces) for pieces in product(*written)]

    def _written(self, place: int, part: str, moment: datetime) -> list[str]:
        if part.startswith("'"):
            return [part[1:]]
        if part == "f":
            digits = f"{moment.microsecond:06d}"
            return [digits[:end] for end in range(max(1, len(digits.rstrip("0"))), 7)]
        if part == "z":
            return []
        number = {
            "Y": moment.year,
            "y": moment.year % _CENTURY,
            "m": moment.month,
            "d": moment.day,
            "H": moment.hour,
            "M": moment.minute,
            "S": moment.second,
        }[part]
        full = f"{number:0{_WIDTHS[part]}d}"
        return [full, str(number)] if self._loose(place) and full != str(number) else [full]

    @property
    def ordered(self) -> bool:
        """Whether the text sorts as the moment does."""
        letters = [part for part in self.parts if not part.startswith("'")]
        fixed = not any(self._loose(place) for place in range(len(self.parts)))
        return fixed and tuple(letters) == _DESCENDING[: len(letters)]


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


class Formatted(Transform):
    """Shared by the transforms that read text of declared forms."""

    main: ClassVar[str | None] = "formats"
    bare: ClassVar[bool] = False
    letters: ClassVar[frozenset[str]]

    formats: Texts
    """Tried in this order."""
    pivot: Annotated[int, Described(ge=0, le=99)] | None = None
    """For %y: two-digit years up to this one are of 2000, the others of 1900."""
    padded: bool = False
    """Whether months, days and clock parts always have two digits."""

    @field_validator("formats", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return several(given)

    @model_validator(mode="after")
    def _readable(self) -> "Formatted":
        for form in self.forms:
            if form.problem == "pivot":
                raise OptionError(
                    f"{form.text} has a two-digit year: give `pivot`, the last year that belongs to 2000",
                    f"{form.text} 使用两位数年份，须以 `pivot` 给出属于 2000 年以后的最大年份",
                )
            if form.problem == "twice":
                raise OptionError(f"{form.text} names a part twice", f"{form.text} 中同一部分出现了两次")
            if form.problem or not {part for part in form.parts if not part.startswith("'")} <= self.letters:
                known = " ".join(f"%{letter}" for letter in "YymdHMSfz" if letter in self.letters)
                raise OptionError(f"{form.text} is not made of {known}", f"{form.text} 只能由 {known} 组成")
        return self

    @property
    def forms(self) -> list[Form]:
        return [Form(text, self.pivot, self.padded) for text in self.formats if text not in _EPOCHS]

    def reader(self) -> Callable[[str], datetime | None]:
        ways = [form.read for form in self.forms]

        def read(text: str) -> datetime | None:
            for way in ways:
                moment = way(text)
                if moment is not None:
                    return moment
            return None

        return read

    def writer(self, apply: Callable[[Any], Any]) -> Callable[[datetime, Any], tuple[Any, ...]]:
        """All texts that `apply` reads as the wanted value."""
        forms = self.forms

        def write(moment: datetime, wanted: Any) -> tuple[Any, ...]:
            texts = dict.fromkeys(text for form in forms for text in form.write(moment))
            return tuple(text for text in texts if apply(text) == wanted)

        return write

    def order(self) -> Order:
        return "exact" if len(self.formats) == 1 and all(form.ordered for form in self.forms) else "lost"

    @abstractmethod
    def stage(self, place: Place) -> Stage: ...


class DateTime(Formatted):
    """Read an instant. Without an offset of its own it is local to `zone`.

    The forms `epoch` and `epochMillis` are numbers since 1970. A date alone is local midnight.
    """

    name: ClassVar[str] = "dateTime"
    letters: ClassVar[frozenset[str]] = frozenset("YymdHMSfz")

    zone: str | None = None
    """IANA zone; None is the source's."""
    gap: Literal["keep", "faulty"] = "keep"
    """Local times that the zone skipped: kept with the offset before the jump, or faulty."""

    @field_validator("zone")
    @classmethod
    def _known(cls, given: str | None) -> str | None:
        return check_zone(given)

    def stage(self, place: Place) -> Stage:
        return moment_stage(self, zone_of(self.zone) if self.zone else place.zone, gap=self.gap)


class Date(Formatted):
    """Read a date of the solar calendar; what is no real day is faulty."""

    name: ClassVar[str] = "date"
    letters: ClassVar[frozenset[str]] = frozenset("YymdHMSf")

    drop_time: bool = False
    """Whether a time of day may be dropped; otherwise only midnight may."""

    def stage(self, place: Place) -> Stage:
        if place.field.type == "dateTime":
            return moment_stage(self, place.zone, gap="keep")
        read = self.reader()

        def apply(value: Any) -> date:
            moment = value if isinstance(value, datetime) else None
            if moment is None and isinstance(value, date):
                return value
            if moment is None:
                moment = read(plain_text(value))
            if moment is None:
                raise Fault("date-invalid")
            if moment.time() != time() and not self.drop_time:
                raise Fault("time-lost")
            return moment.date()

        write = self.writer(_unless_faulty(apply))
        return Stage(
            self.name,
            apply,
            preimage=None if self.drop_time else lambda day: write(_midnight(day), day),
            yields="date",
            order=self.order(),
            memo=True,
        )


class Time(Formatted):
    """Read a time of day."""

    name: ClassVar[str] = "time"
    letters: ClassVar[frozenset[str]] = frozenset("HMSf")

    def stage(self, _: Place) -> Stage:
        read = self.reader()

        def apply(value: Any) -> Any:
            if isinstance(value, time | timedelta):
                return value
            moment = read(plain_text(value))
            if moment is None:
                raise Fault("time-invalid")
            return moment.time()

        write = self.writer(apply)
        return Stage(
            self.name,
            apply,
            preimage=lambda clock: write(datetime.combine(date(1900, 1, 1), clock), clock),
            yields="time",
            memo=True,
        )


class Zone(Transform):
    """This column's timestamps are local to another zone than the source's."""

    name: ClassVar[str] = "zone"
    main: ClassVar[str | None] = "zone"
    bare: ClassVar[bool] = False

    zone: str
    gap: Literal["keep", "faulty"] = "keep"

    @field_validator("zone")
    @classmethod
    def _known(cls, given: str | None) -> str | None:
        return check_zone(given)

    def stage(self, place: Place) -> Stage:
        own = zone_of(self.zone)

        def apply(value: Any) -> datetime:
            moment = instant_of(value) if isinstance(value, str) else value
            if isinstance(moment, date) and not isinstance(moment, datetime):
                moment = _midnight(moment)
            if not isinstance(moment, datetime):
                raise Fault("type")
            return own.aware(moment, strict=self.gap == "faulty") if moment.tzinfo is None else moment

        def preimage(wanted: datetime) -> tuple[Any, ...]:
            digits = own.local(wanted).replace(tzinfo=None, fold=0)
            # The source reads digits by its own zone, so the digits are what must survive.
            return (place.zone.aware(digits),) if own.aware(digits) == wanted else ()

        return Stage(self.name, apply, preimage=preimage, yields="dateTime", order="lost")


def moment_stage(declared: Formatted, own: ZoneRules, *, gap: str) -> Stage:
    read = declared.reader()
    units = [_EPOCHS[text] for text in declared.formats if text in _EPOCHS]

    def apply(value: Any) -> datetime:
        if isinstance(value, date):
            moment: datetime | None = value if isinstance(value, datetime) else _midnight(value)
        else:
            text = plain_text(value)
            moment = read(text) or (_since_1970(text, units[0]) if units else None)
        if moment is None:
            raise Fault("time-invalid")
        return own.aware(moment, strict=gap == "faulty") if moment.tzinfo is None else moment

    write = declared.writer(_unless_faulty(apply))

    def preimage(wanted: datetime) -> tuple[Any, ...]:
        texts = write(own.local(wanted).replace(tzinfo=None, fold=0), wanted)
        numbers = ((wanted - _START) / timedelta(seconds=1) * unit for unit in units)
        return (*texts, *(int(number) for number in numbers if number == int(number)))

    offsets = any("z" in form.parts for form in declared.forms)
    epochs = bool(units) and len(declared.formats) == 1
    return Stage(
        declared.name,
        apply,
        preimage=None if offsets else preimage,
        yields="dateTime",
        order="exact" if epochs else "weak" if declared.order() == "exact" else "lost",
    )


def _since_1970(text: str, unit: int) -> datetime | None:
    if re.fullmatch(r"-?[0-9]{1,15}", text) is None:
        return None
    try:
        return _START + timedelta(seconds=1) * int(text) / unit
    except OverflowError:
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall-clock time; its zone is given by the caller


def _unless_faulty(apply: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def attempt(value: Any) -> Any:
        try:
            return apply(value)
        except Fault:
            return None

    return attempt


def check_zone(name: str | None) -> str | None:
    if name is not None:
        try:
            zone_of(name)
        except (KeyError, ValueError, OSError) as error:
            raise OptionError("there is no such IANA zone", "没有这个 IANA 时区") from error
    return name
