"""Mutants of the class catalog."""

from __future__ import annotations

from typing import Any

from mutants.mutant import answers, documents, entries, mutant, problems, recoded, requests
from mutants.world import Answer, Bench


@mutant(
    "CAT-01", "An entry does not say in which format the data is held.", "目录条目缺少数据格式。", entails="CORE-05"
)
def fact_missing(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        del entry["format"]


@mutant(
    "CAT-01",
    "An entry states its format as yet to be determined.",
    "目录条目的数据格式填写为“待定”。",
    entails="CORE-05",
)
def fact_placeholder(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["format"] = "待定"


@mutant("CAT-01", "An item has a dash for a name.", "数据项名称以短横线占位。", entails="CAT-09 CORE-05")
def item_name_placeholder(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["items"][1]["name"] = "-"


@mutant(
    "CAT-02", "The code of the sharing type is that of another.", "共享属性代码与共享属性不一致。", entails="CORE-05"
)
def sharing_code_of_another(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["sharingTypeCode"] = 2


@mutant(
    "CAT-02",
    "An entry is shared in a way that the law does not know.",
    "共享属性取值不在法定范围内。",
    entails="CAT-15 CORE-05",
)
def sharing_type_invented(work: Bench) -> None:
    @entries(work, "inspections")
    def change(entry: Any) -> None:
        entry["sharingType"] = "onRequest"


@mutant("CAT-03", "A conditional entry names no scope of use.", "有条件共享的条目未列明使用范围。", entails="CORE-05")
def scope_missing(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        del entry["useConditions"]["scope"]


@mutant("CAT-03", "One of the purposes of use says nothing.", "使用目的中有占位内容。", entails="CORE-05")
def purpose_placeholder(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        entry["useConditions"]["purposes"].append("无")


@mutant("CAT-04", "The legal basis names no article.", "不予共享的法律依据未写明条款。", entails="CORE-05")
def basis_without_article(work: Bench) -> None:
    @entries(work, "adoptions")
    def change(entry: Any) -> None:
        entry["notShared"]["legalBasis"][0]["article"] = "无"


@mutant("CAT-04", "An entry is not shared, and no law is named.", "不予共享的条目未列明法律依据。", entails="CORE-05")
def basis_missing(work: Bench) -> None:
    @entries(work, "adoptions")
    def change(entry: Any) -> None:
        entry["notShared"]["legalBasis"] = []


@mutant("CAT-05", "Data that is not shared is said not to exist.", "对不予共享的条目返回“不存在”。", entails="CORE-05")
def not_shared_is_unknown(work: Bench) -> None:
    recoded(work, "not-shared", "entry-unknown")

    @problems(work, "not-shared")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "status": 404}
        answer.reply.status = 404


@mutant(
    "CAT-05", "An entry that is not shared lists where to get it.", "不予共享的条目列出了分发地址。", entails="CORE-05"
)
def not_shared_distributed(work: Bench) -> None:
    @entries(work, "adoptions")
    def change(entry: Any) -> None:
        entry["distributions"] = [{"href": "/v1/datasets/adoptions/records", "method": "serviceInterface"}]


@mutant(
    "CAT-05",
    "Verification of what is not shared is refused as if the method were at fault.",
    "对不予共享条目的核验以共享方式为由拒绝。",
)
def not_shared_verify_code(work: Bench) -> None:
    @problems(work, "not-shared")
    def change(answer: Answer) -> None:
        if answer.exchange.path.endswith("_verify"):
            answer.document = {**answer.document, "code": "method-not-granted"}
            answer.reply.code = "method-not-granted"


@mutant(
    "CAT-06",
    "An unconditional entry makes conditions of its own.",
    "无条件共享的条目附加了使用范围。",
    entails="CORE-05",
)
def unconditional_with_scope(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["useConditions"]["scope"] = "仅限本市"


@mutant("CAT-07", "An entry offers file download, and nothing serves it.", "条目列出文件下载方式，但并无对应服务。")
def method_without_endpoint(work: Bench) -> None:
    @entries(work, "inspections")
    def change(entry: Any) -> None:
        entry["sharingMethods"].append("fileDownload")


@mutant("CAT-07", "An entry is delivered by a method of its own making.", "条目列出自定的共享方式。", entails="CORE-05")
def method_invented(work: Bench) -> None:
    @entries(work, "inspections")
    def change(entry: Any) -> None:
        entry["sharingMethods"].append("courier")


@mutant("CAT-08", "The unit's credit code has a wrong check character.", "统一社会信用代码校验位错误。")
def credit_code_wrong(work: Bench) -> None:
    @documents(work, "/catalog/offices")
    def change(entry: Any) -> None:
        if "provider" in entry:
            entry["provider"]["code"] = entry["provider"]["code"][:-1] + "X"


@mutant("CAT-08", "The unit has no name but a placeholder.", "提供单位名称为占位内容。", entails="CAT-01 CORE-05")
def unit_placeholder(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["provider"]["name"] = "无"


@mutant("CAT-09", "Items are named in English alone.", "数据项只有英文名称。")
def item_in_english(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["items"][1]["name"] = "Title"


@mutant("CAT-09", "An item is shared more widely than its entry.", "数据项的共享属性宽于条目。")
def item_wider_than_entry(work: Bench) -> None:
    @entries(work, "inspections")
    def change(entry: Any) -> None:
        entry["items"][1] |= {"sharingType": "unconditional", "sharingTypeCode": "1"}


@mutant("CAT-09", "An item does not say whether it may be null.", "数据项未说明是否可空。", entails="CORE-05")
def item_without_nullable(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        del entry["items"][1]["nullable"]


@mutant("CAT-10", "The schema describes an item that the entry does not list.", "模式中有条目未列出的数据项。")
def schema_with_more(work: Bench) -> None:
    @documents(work, "/catalog/offices/schema")
    def change(schema: Any) -> None:
        schema["properties"]["floor"] = {"type": "string"}


@mutant("CAT-10", "The schema lacks an item of the entry.", "模式缺少条目中的数据项。", entails="OPS-04")
def schema_with_less(work: Bench) -> None:
    @documents(work, "/catalog/offices/schema")
    def change(schema: Any) -> None:
        del schema["properties"]["title"]


@mutant(
    "CAT-10",
    "The schema is none: a type that JSON does not have.",
    "模式本身无效：使用了不存在的类型。",
    entails="OPS-04",
)
def schema_invalid(work: Bench) -> None:
    @documents(work, "/catalog/offices/schema")
    def change(schema: Any) -> None:
        schema["properties"]["title"] = {"type": "varchar"}


@mutant("CAT-11", "An entry is classified below its highest item.", "条目分级低于其数据项的最高级别。")
def level_below_item(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["items"][1]["level"] = "important"


@mutant(
    "CAT-11", "An entry has a level that the standard does not know.", "条目分级取值不在标准范围内。", entails="CORE-05"
)
def level_invented(work: Bench) -> None:
    @entries(work, "adoptions")
    def change(entry: Any) -> None:
        entry["classification"]["level"] = "secret"


@mutant("CAT-12", "Monthly data is a year old, and no reason is given.", "按月更新的数据滞后一年且未说明原因。")
def data_stale(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["dataAsOf"] = "2025-01-01T00:00:00+08:00"


@mutant("CAT-12", "The update cycle is none of the declared ones.", "更新周期取值不在规定范围内。", entails="CORE-05")
def cycle_invented(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["updateCycle"] = "hourly"


@mutant("CAT-12", "An entry does not say as of when its data is.", "条目未注明数据截止时间。", entails="CORE-05")
def as_of_missing(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        del entry["dataAsOf"]


@mutant("CAT-13", "The resource code changes with the version.", "目录代码随版本变化。")
def code_changes(work: Bench) -> None:
    @documents(work, "/catalog/offices/versions")
    def change(document: Any) -> None:
        document["items"][0]["catalogCode"] += "1"


@mutant("CAT-13", "The resource code is not of the national form.", "目录代码不符合国家编码形式。")
def code_of_other_form(work: Bench) -> None:
    @entries(work, "adoptions")
    def change(entry: Any) -> None:
        entry["catalogCode"] = "ADOPTIONS-4"

    @documents(work, "/catalog/adoptions/versions")
    def versions(document: Any) -> None:
        document["items"][0]["catalogCode"] = "ADOPTIONS-4"


@mutant(
    "CAT-14",
    "Data of an entry that is not published is refused, not unknown.",
    "未发布条目的数据调用返回拒绝而非不存在。",
)
def draft_refused(work: Bench) -> None:
    @answers(work, "/datasets/drafts/records", status=404)
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "status": 403, "code": "wrong-entry"}
        answer.reply.status, answer.reply.code = 403, "wrong-entry"


@mutant("CAT-14", "An entry has no version.", "目录条目没有版本。", entails="CORE-05")
def version_missing(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        del entry["version"]


@mutant("CAT-14", "The day of publication is not a date.", "发布日期不是有效日期。")
def published_at_in_words(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["publishedAt"] = "去年九月"


@mutant("CAT-15", "The list leaves out what is not shared.", "目录列表遗漏不予共享的条目。")
def list_without_not_shared(work: Bench) -> None:
    @documents(work, "/catalog")
    def change(page: Any) -> None:
        page["items"] = [entry for entry in page["items"] if entry["sharingType"] != "notShared"]


@mutant("CAT-15", "The filter by sharing type is passed over.", "目录的共享属性筛选无效。")
def list_filter_ignored(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        if scope["path"].endswith("/catalog") and scope["query_string"].startswith(b"sharingType=conditional"):
            scope["query_string"] = b"limit=1000"


@mutant("CAT-15", "The filter by date compares nothing.", "目录的更新时间筛选无效。")
def list_date_ignored(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        if scope["path"].endswith("/catalog") and scope["query_string"].startswith(b"updatedSince=2999"):
            scope["query_string"] = b"limit=1000"


@mutant("CAT-15", "The second page of the catalog begins one too late.", "目录第二页遗漏一个条目。")
def list_page_skips(work: Bench) -> None:
    @documents(work, "/catalog")
    def change(page: Any) -> None:
        if page["numberReturned"] == 1 and page["items"][0]["catalogId"] == "inspections":
            page["items"] = []


@mutant("CAT-16", "The office is reached by somebody's private mailbox alone.", "数据共享机构仅留个人邮箱。")
def office_by_private_mail(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["provider"]["office"] = {"name": "数据共享办公室", "email": "wang@163.com"}


@mutant("CAT-16", "The source department is a placeholder.", "来源部门填写为占位内容。", entails="CORE-05")
def department_placeholder(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        entry["sourceDepartment"] = "待补充"
