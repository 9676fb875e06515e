"""What a good team writes by hand: FastAPI, the ORM, pydantic models. No guard, no audit."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator
from sqlalchemy import Date, DateTime, Integer, Numeric, SmallInteger, String, create_engine, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

ADDRESS = os.environ["ADDRESS"]
ASYNC = ADDRESS.startswith("postgresql")
ZONE = timezone(timedelta(hours=8))


class Base(DeclarativeBase):
    pass


class Enterprise(Base):
    __tablename__ = "enterprise"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    tyshxydm: Mapped[str] = mapped_column(String(18))
    qymc: Mapped[str] = mapped_column(String(120))
    frdb: Mapped[str | None] = mapped_column(String(40))
    lxdh: Mapped[str | None] = mapped_column(String(20))
    zczb: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    clrq: Mapped[date | None] = mapped_column(Date)
    hzrq: Mapped[datetime | None] = mapped_column(DateTime)
    xzqh: Mapped[str | None] = mapped_column(String(6))
    qylx: Mapped[int | None] = mapped_column(SmallInteger)
    zt: Mapped[str | None] = mapped_column(String(2))
    jydz: Mapped[str | None] = mapped_column(String(200))


class Record(BaseModel):
    model_config = ConfigDict(from_attributes=True, populate_by_name=True)
    id: int
    creditCode: str = Field(validation_alias="tyshxydm")
    name: str = Field(validation_alias="qymc")
    legalPerson: str | None = Field(validation_alias="frdb")
    phone: str | None = Field(validation_alias="lxdh")
    capital: Decimal | None = Field(validation_alias="zczb")
    foundedOn: date | None = Field(validation_alias="clrq")
    approvedAt: datetime | None = Field(validation_alias="hzrq")
    region: str | None = Field(validation_alias="xzqh")
    kind: int | None = Field(validation_alias="qylx")
    status: str | None = Field(validation_alias="zt")
    address: str | None = Field(validation_alias="jydz")

    @field_validator("approvedAt")
    @classmethod
    def zone(cls, value: datetime | None) -> datetime | None:
        return value and value.replace(tzinfo=ZONE)

    @field_serializer("phone")
    def mask(self, value: str | None) -> str | None:
        return value and value[:3] + "****" + value[-4:]


class Page(BaseModel):
    items: list[Record]


if ASYNC:
    engine = create_async_engine(ADDRESS.replace("postgresql://", "postgresql+asyncpg://"), pool_size=4)
    sessions = async_sessionmaker(engine)
else:
    engine = create_engine(f"sqlite:///{ADDRESS}")


@asynccontextmanager
async def lifespan(_: FastAPI):
    yield
    if ASYNC:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


def page_of(after: int, limit: int):
    return select(Enterprise).where(Enterprise.id > after).order_by(Enterprise.id).limit(limit)


if ASYNC:

    @app.get("/enterprise/{key}", response_model=Record)
    async def one(key: int):
        async with sessions() as session:
            found = await session.get(Enterprise, key)
        if found is None:
            raise HTTPException(404)
        return found

    @app.get("/enterprise", response_model=Page)
    async def page(after: int, limit: int):
        async with sessions() as session:
            return {"items": (await session.scalars(page_of(after, limit))).all()}

else:

    @app.get("/enterprise/{key}", response_model=Record)
    def one(key: int):
        with Session(engine) as session:
            found = session.get(Enterprise, key)
            if found is None:
                raise HTTPException(404)
            return Record.model_validate(found)

    @app.get("/enterprise", response_model=Page)
    def page(after: int, limit: int):
        with Session(engine) as session:
            return Page(items=[Record.model_validate(row) for row in session.scalars(page_of(after, limit))])
