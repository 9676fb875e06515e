from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from datong.model import Text

PROVINCES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "11": Text("Beijing", "北京市"),
        "12": Text("Tianjin", "天津市"),
        "13": Text("Hebei", "河北省"),
        "14": Text("Shanxi", "山西省"),
        "15": Text("Inner Mongolia", "内蒙古自治区"),
        "21": Text("Liaoning", "辽宁省"),
        "22": Text("Jilin", "吉林省"),
        "23": Text("Heilongjiang", "黑龙江省"),
        "31": Text("Shanghai", "上海市"),
        "32": Text("Jiangsu", "江苏省"),
        "33": Text("Zhejiang", "浙江省"),
        "34": Text("Anhui", "安徽省"),
        "35": Text("Fujian", "福建省"),
        "36": Text("Jiangxi", "江西省"),
        "37": Text("Shandong", "山东省"),
        "41": Text("Henan", "河南省"),
        "42": Text("Hubei", "湖北省"),
        "43": Text("Hunan", "湖南省"),
        "44": Text("Guangdong", "广东省"),
        "45": Text("Guangxi", "广西壮族自治区"),
        "46": Text("Hainan", "海南省"),
        "50": Text("Chongqing", "重庆市"),
        "51": Text("Sichuan", "四川省"),
        "52": Text("Guizhou", "贵州省"),
        "53": Text("Yunnan", "云南省"),
        "54": Text("Tibet", "西藏自治区"),
        "61": Text("Shaanxi", "陕西省"),
        "62": Text("Gansu", "甘肃省"),
        "63": Text("Qinghai", "青海省"),
        "64": Text("Ningxia", "宁夏回族自治区"),
        "65": Text("Xinjiang", "新疆维吾尔自治区"),
        "71": Text("Taiwan", "台湾省"),
        "81": Text("Hong Kong", "香港特别行政区"),
        "82": Text("Macao", "澳门特别行政区"),
        "83": Text("Residents of Taiwan (residence permit)", "台湾居民居住证"),
    }
)
"""First two digits of a region code (GB/T 2260) → province; 83 is used by residence permits only."""
