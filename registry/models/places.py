"""Where things are: stations and municipalities, from open data of the government."""

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base


class Station(Base):
    """A station under one name at one spot, with all the lines that stop there."""

    __tablename__ = "station"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    lat: Mapped[float]
    lon: Mapped[float]
    lines: Mapped[list[Any]] = mapped_column(JSON)
    prefecture: Mapped[str] = mapped_column(String(2), default="")


class Place(Base):
    """A municipality, member or not, with the position of its office."""

    __tablename__ = "place"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    name_kana: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    lat: Mapped[float]
    lon: Mapped[float]
