"""A made-up adapter that shows every feature a catalog entry, a schema or an operation can have."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import databases
import pytest

from datong.model import Adapter


def facts(**more: Any) -> dict[str, Any]:
    return {
        "name": "养老保险参保人员信息",
        "catalogCode": "30601001/000123",
        "summary": "全省企业职工基本养老保险参保人员基本信息",
        "format": "数据库类",
        "updateCycle": "daily",
        "sharingType": "conditional",
        "sharingMethods": ["serviceInterface"],
        "useConditions": {"scope": "社会保险业务", "purposes": ["pension-check"]},
        "classification": {"level": "general", "category": "department", "generalLevel": 3},
        "publishedAt": "2025-09-01",
        "updatedAt": "2026-01-15T09:00:00+08:00",
    } | more


def fields() -> dict[str, Any]:
    return {
        "personNumber": {"from": "GRBH", "name": "个人编号", "type": "string", "length": 20, "nullable": False}
        | {"filterable": True, "sortable": True},
        "idNumber": {"from": "SFZHM", "name": "公民身份号码", "type": "string", "format": "residentId", "length": 18}
        | {"filterable": True, "sensitive": True, "level": "important", "mask": "residentId", "unmaskFor": ["audit"]},
        "name": {"from": "XM", "name": "姓名", "type": "string", "format": "personName", "filterable": True},
        "birthDate": {"from": "CSRQ", "name": "出生日期", "type": "date", "filterable": True, "range": True}
        | {"sortable": True, "mask": "year"},
        "months": {"from": "JFYS", "name": "缴费月数", "type": "integer", "filterable": True, "range": True},
        "ledger": {"from": "TZH", "name": "台账号", "type": "integer", "wide": True, "filterable": True},
        "balance": {"from": "ZHYE", "name": "账户余额", "type": "decimal", "scale": 2, "length": 14},
        "factor": {"from": "XS", "name": "系数", "type": "number"},
        "retired": {"from": "TXBZ", "name": "退休标志", "type": "boolean", "filterable": True},
        "changedAt": {"from": "GXSJ", "name": "更新时间", "type": "dateTime", "filterable": True, "range": True},
        "officeHour": {"from": "SJ", "name": "办理时刻", "type": "time"},
        "photo": {"from": "ZP", "name": "照片", "type": "binary", "sharingType": "notShared", "filterable": True},
        "extra": {"from": "KZ", "name": "扩展信息", "type": "json"},
        "status": {"from": "ZT", "name": "参保状态", "type": "string", "filterable": True}
        | {"dictionary": {"1": "正常参保", "2": "暂停参保"}},
        "region": {"from": "XZQH", "name": "行政区划代码", "type": "string", "format": "regionCode", "length": 6},
    }


def verify() -> dict[str, Any]:
    return {
        "keys": ["idNumber"],
        "fields": ["name"],
        "predicates": [
            {"field": "birthDate", "operators": ["lte", "gte"]},
            {"field": "status", "operators": ["in"]},
        ],
        "compare": {"name": {"trim": True, "width": True, "case": True}},
        "batch": 50,
        "attempts": {"count": 5, "per": 60},
    }


def adapter_document() -> dict[str, Any]:
    hidden = facts(
        name="涉案人员信息",
        catalogCode="30601002/000007",
        sharingType="notShared",
        sharingMethods=["serviceInterface"],
        useConditions={},
        notShared={
            "reason": "法律明确规定不予共享",
            "legalBasis": [{"title": "中华人民共和国档案法", "article": "第二十八条"}],
        },
    )
    offices = facts(
        name="经办机构信息",
        catalogCode="30601003/1",
        sharingType="unconditional",
        useConditions={},
        updateCycle="yearly",
        dataAsOf="2026-01-01",
        changeNotice={
            "announcedAt": "2026-02-01",
            "effectiveAt": "2026-08-01T00:00:00+08:00",
            "text": {"zh": "将停止提供传真号码", "en": "The fax number will be dropped"},
        },
        extensions={"assessed": True},
        externalIds={"upCataId": "N-1"},
    )
    code = {"from": "JGBM", "name": "机构编码", "type": "string", "filterable": True}
    return {
        "datong": "1",
        "adapter": {"id": "pension", "title": {"zh": "养老保险数据", "en": "Pension data"}, "version": "1.2.0"},
        "provider": {
            "name": "某省人力资源和社会保障厅",
            "code": "91350100M000100Y43",
            "office": {"name": "数据共享办公室", "phone": "010-12345678", "email": "share@example.gov.cn"},
        },
        "source": {"kind": "database", "url": "sqlite:///x.db"},
        "trust": {"audience": "https://data.example.gov.cn/pension"},
        "datasets": {
            "insured": {
                "from": {"table": "AC01"},
                "catalog": facts(),
                "key": ["GRBH"],
                "region": "region",
                "fields": fields(),
                "page": {"default": 50, "max": 500},
                "count": True,
                "verify": verify(),
            },
            "offices": {"from": {"table": "AE01"}, "catalog": offices, "key": ["JGBM"], "fields": {"code": code}},
            "accused": {"from": {"table": "X"}, "catalog": hidden, "key": ["ID"], "fields": {"code": code}},
        },
    }


@pytest.fixture(scope="session")
def adapter() -> Adapter:
    return Adapter.model_validate(adapter_document())


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="session")
def base() -> str:
    return "https://data.example.gov.cn/pension/v1"


@pytest.fixture(scope="session")
def shared_standard() -> Path:
    """The folder of the written standard, which lies beside the repository where it is known."""
    folder = databases.corpus().parent / "standard"
    if not folder.is_dir():
        databases.elsewhere(f"the written standard is not at {folder}")
    return folder
