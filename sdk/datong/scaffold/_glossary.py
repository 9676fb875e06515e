"""Chinese names for legacy columns that carry no comment.

Three conventions are known: the indicator codes of the social-insurance registers (AAC003), pinyin
initials (XM), and English words (last_name). What is in none of them keeps its own name.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from datong.scaffold._names import words


def _table(text: str) -> dict[str, str]:
    pairs = (entry.split("=") for entry in text.split())
    return {name: chinese for names, chinese in pairs for name in names.split("|")}


_CODES: Final = _table("""
AAA027=统筹区编码 AAA100=代码类别 AAA102=代码值 AAA103=代码名称 AAB001=单位编号 AAB003=组织机构代码 AAB004=单位名称
AAB007=营业执照号码 AAB013=法定代表人姓名 AAB019=单位类型 AAB020=经济类型 AAB021=隶属关系 AAB022=行业代码
AAB034=经办机构编码 AAB301=行政区划代码 AAB998=统一社会信用代码 AAC001=个人编号 AAC002=公民身份号码 AAC003=姓名
AAC004=性别 AAC005=民族 AAC006=出生日期 AAC007=参加工作日期 AAC008=人员状态 AAC009=户口性质 AAC010=户口所在地地址
AAC011=文化程度 AAC012=个人身份 AAC013=用工形式 AAC014=专业技术职务 AAC015=职业资格等级 AAC016=就业状态
AAC017=婚姻状况 AAC020=行政职务 AAC030=参保日期 AAC031=参保状态 AAC040=缴费工资 AAC058=证件类型 AAC147=证件号码
AAC161=国籍 AAE001=年度 AAE002=费款所属期 AAE003=对应费款所属期 AAE004=联系人姓名 AAE005=联系电话 AAE006=地址
AAE007=邮政编码 AAE008=银行代码 AAE009=银行户名 AAE010=银行账号 AAE011=经办人 AAE013=备注 AAE016=复核标志
AAE030=开始日期 AAE031=终止日期 AAE036=经办日期 AAE041=开始年月 AAE042=终止年月 AAE100=有效标志 AAE140=险种类型
AAE159=电子邮箱 AKB020=医疗机构编码 AKB021=医疗机构名称 AKC190=就诊登记号 AC01=个人基本信息 AC02=个人参保信息
AB01=单位基本信息 AB02=单位参保信息
""")

_INITIALS: Final = _table("""
XM=姓名 XB=性别 MZ=民族 CSRQ=出生日期 CSNY=出生年月 NL=年龄 HYZK=婚姻状况 XL=学历 WHCD=文化程度 GJ=国籍 JG=籍贯
SFZH|SFZ=身份证号 SFZHM|SFZHAO=身份证号码 SFZJHM=身份证件号码 GMSFHM|GMSFZH|GMSFZHM=公民身份号码
SHBZH|SBZH=社会保障号码 ZJHM|ZJH=证件号码 ZJLX=证件类型 ZJLB=证件类别 DZ=地址 ZZ=住址 JTZZ|JTDZ=家庭住址
HJDZ|HKDZ=户籍地址 TXDZ=通信地址 LXDZ=联系地址 XXDZ=详细地址 XJZD|XZZ=现住址 LXDH=联系电话 DH|DHHM=电话
GDDH=固定电话 SJH=手机号 SJHM|SJHAOMA=手机号码 YDDH=移动电话 LXR|LXRXM=联系人姓名 CZ|CZHM=传真 YB|YZBM=邮政编码
DZYX|YX=电子邮箱 DZYJ=电子邮箱 DWMC=单位名称 DWBH=单位编号 DWDM=单位代码 DWLX=单位类型 DWDZ=单位地址 DWXZ=单位性质
BMMC=部门名称 BMDM=部门代码 QYMC=企业名称 QYLX=企业类型 QYBH=企业编号 GSMC=公司名称 JGMC=机构名称 JGDM=机构代码
ZZJGDM=组织机构代码 TYSHXYDM|TYXYDM|SHXYDM|TYSHXYM|XYDM=统一社会信用代码 ZCH=注册号 YYZZH=营业执照号
NSRSBH=纳税人识别号 NSRMC=纳税人名称 FDDBR|FDDBRXM=法定代表人姓名 FRDB=法定代表人 FRXM=法定代表人姓名
FZR|FZRXM=负责人姓名 ZCZB=注册资本 SJZB=实缴资本 CLRQ=成立日期 HZRQ=核准日期 ZXRQ=注销日期 DXRQ=吊销日期
JYFW=经营范围 JYDZ=经营地址 JYCS=经营场所 ZCDZ=注册地址 ZS=住所 DJJG=登记机关 DJRQ=登记日期 DJZT=登记状态
JYZT=经营状态 HYDM=行业代码 HYLB=行业类别 HYMC=行业名称 JJLX=经济类型 XKZH=许可证号 XKZBH=许可证编号 FZJG=发证机关
FZRQ=发证日期 ZSBH=证书编号 ZSMC=证书名称 YXQ=有效期 YXQQ|YXQS=有效期起 YXQZ=有效期止 YXQX=有效期限
KSRQ|QSRQ=开始日期 JSRQ|ZZRQ=结束日期 KSSJ=开始时间 JSSJ=结束时间 QSNY=起始年月 ZZNY=终止年月 ZT|ZTDM=状态
BZ|BEIZHU=备注 LX=类型 LB=类别 MC=名称 JC=简称 DM=代码 BM=编码 BH=编号 XH=序号 LSH=流水号 BJ=标记 BZW=标志位
JE=金额 ZJE=总金额 SL=数量 DJ=单价 YE=余额 NY=年月 ND|NF=年度 YF=月份 RQ=日期 SJ=时间 XZ=性质 MS=描述 NR=内容
BT=标题 PX|PXH=排序号 GXSJ|XGSJ=更新时间 GXRQ|XGRQ=更新日期 CJSJ=创建时间 CJRQ=创建日期 CJR=创建人 XGR=修改人
LRSJ=录入时间 LRRQ=录入日期 LRR=录入人 CZY=操作员 CZSJ=操作时间 CZRQ=操作日期 CZYBH=操作员编号 JBR=经办人
JBRQ=经办日期 JBJG=经办机构 SHR=审核人 SHRQ=审核日期 SHZT=审核状态 SPRQ=审批日期 SPZT=审批状态 BLRQ=办理日期
BLZT=办理状态 SQRQ=申请日期 SQR|SQRXM=申请人姓名 SFYX|YXBZ=是否有效 SFSC|SCBZ=是否删除 XZQH=行政区划
XZQHDM|XZQDM|QHDM=行政区划代码 XZQHMC=行政区划名称 SSQX=所属区县 SF=省份 CS=城市 QX=区县 XZ_JD|JDMC=街道名称
SQMC=社区名称 RYBH=人员编号 GRBH=个人编号 RYLB=人员类别 RYZT=人员状态 RYLX=人员类型 HH=户号 HZ|HZXM=户主姓名
YHZGX=与户主关系 CBZT=参保状态 CBRQ=参保日期 CBLX=参保类型 CBDW=参保单位 XZLX=险种类型 LQRQ=领取日期 LQZT=领取状态
TXRQ=退休日期 TXLB=退休类别 SWRQ=死亡日期 KHH|KHYH=开户银行 KHZH|YHZH=银行账号 YHKH=银行卡号 YHMC=银行名称
YHHM=银行户名 JFYS=缴费月数 JFNX=缴费年限 JFNY=缴费年月 JFJS=缴费基数 JFJE=缴费金额 JFRQ=缴费日期 JFZT=缴费状态
DWJF=单位缴费 GRJF=个人缴费 DZRQ=到账日期 ZHYE=账户余额 FFNY=发放年月 FFJE=发放金额 FFZT=发放状态 FFRQ=发放日期
FFYH=发放银行 DYLX=待遇类型 DYJE=待遇金额 YLJ=养老金 GZ=工资 YGZ=月工资 BDCDYH=不动产单元号 BDCQZH=不动产权证号
ZL=坐落 MJ=面积 JZMJ=建筑面积 CPH|CPHM=车牌号码 CLLX=车辆类型 MM|KL=密码 CBRY=参保人员 DWXX=单位信息 JFJL=缴费记录
DYFF=待遇发放 RYXX=人员信息 GRXX=个人信息 QYXX=企业信息 JBXX=基本信息 RKXX=人口信息 FRXX=法人信息 HJXX=户籍信息
ZZXX=证照信息 XKXX=许可信息 CFXX=处罚信息 JGXX=机构信息 BMXX=部门信息 YHXX=用户信息 DMB=代码表 ZDB=字典表 RZ=日志
XTRZ=系统日志 CZRZ=操作日志
""")

_WORDS: Final = _table("""
about=说明 above=高于 account=账户 active=有效 activity=活动 actor=演员 actual=实际 address=地址 admin=管理员
age=年龄 agency=机构 album=专辑 all=全部 amount=金额 annual=年度 answer=答复 apartment=房号 applicant=申请人
application=申请 approval=审批 approved=核准 archive=档案 area=区域 artist=艺术家 attachment=附件 author=作者
average=平均 balance=余额 bank=银行 base=基本 basic=基本 batch=批次 begin=开始 benefit=待遇 billing=账单 birth=出生
birthday=出生日期 birthdate=出生日期 board=委员会 body=正文 book=图书 branch=分支机构 brand=品牌 budget=预算
building=建筑 business=业务 by=按 bytes=字节数 cancel=取消 capital=资本 card=卡 case=案件 category=类别 cell=手机
certificate=证书 change=变更 channel=渠道 charge=费用 check=核查 child=子女 citizen=公民 city=城市 class=等级
client=客户 close=关闭 code=代码 color=颜色 column=列 comment=备注 company=公司 composer=作曲者 contact=联系人
content=内容 contract=合同 cost=成本 count=数量 country=国家 county=区县 course=课程 create=创建 created=创建
credit=信用 currency=币种 current=当前 customer=客户 daily=每日 data=数据 date=日期 day=日 deadline=截止时间
death=死亡 deleted=删除标志 delivery=交付 demo=演示 demographics=人口特征 department=部门 dept=部门 desc=描述
description=描述 detail=明细 details=明细 device=设备 discontinued=停用标志 discount=折扣 district=区县
document=文档 donor=捐赠人 driver=驾驶人 due=到期 duration=时长 education=学历 effective=生效 email=电子邮箱
mail=电子邮箱 emergency=紧急 employee=员工 employer=用人单位 enabled=启用标志 end=结束 enterprise=企业 entry=条目
error=错误 ethnic=民族 event=事件 expire=失效 expiry=失效 extended=扩展 extension=分机号 fax=传真 features=特点
fee=费用 field=字段 file=文件 film=影片 first=首次 flag=标志 floor=楼层 fname=名 freight=运费 from=起始
fulltext=全文索引 gender=性别 genre=流派 grade=等级 grant=授权 group=分组 guardian=监护人 health=健康 height=高度
hire=雇佣 history=历史 holder=持有人 home=住宅 hospital=医院 hours=小时数 house=房屋 household=户 id=编号
identity=身份 image=图像 income=收入 index=索引 industry=行业 info=信息 information=信息 inspection=检查
institution=机构 insurance=保险 insured=参保 inventory=库存 invoice=发票 item=条目 items=条目 job=职务 key=键
kind=种类 label=标签 land=土地 language=语言 last=最后 lat=纬度 latitude=纬度 legal=法定 length=长度 level=级别
license=许可证 licence=许可证 line=明细行 list=清单 lname=姓 lng=经度 location=位置 log=日志 logo=标识图
longitude=经度 manager=负责人 marital=婚姻 material=材料 max=最大 media=媒体 medical=医疗 member=成员 memo=备注
message=消息 method=方式 middle=中间 milliseconds=毫秒数 min=最小 minutes=分钟数 mobile=手机号 model=型号
modified=修改 month=月份 monthly=每月 name=名称 nation=民族 national=国家 nationality=国籍 net=净额 next=下次
note=备注 notes=备注 notice=通知 num=数量 number=号码 no=号码 occupation=职业 of=之 office=办公室 officer=经办人
opened=开立 operator=操作员 order=订单 organization=组织 original=原 owner=所有人 page=页 paid=已付 parent=上级
party=当事人 patient=患者 password=密码 passport=护照 pay=支付 payment=支付 pension=养老金 percent=百分比
period=期间 permit=许可 person=人员 personal=个人 phone=电话 photo=照片 picture=图片 place=地点 plan=计划
plate=车牌 playlist=播放列表 policy=政策 population=人口 position=职位 post=岗位 postal=邮政 price=价格
primary=主要 product=产品 project=项目 property=财产 province=省份 qualification=资格 quantity=数量 quarter=季度
question=问题 rate=比率 rating=评级 reason=原因 receipt=收据 received=收到 record=记录 reference=参考 region=地区
register=登记 registered=注册 registration=登记 rel=关系 relation=关系 release=发行 remark=备注 remarks=备注
rental=租赁 replacement=重置 report=报告 reports=汇报 request=请求 required=要求 resident=居民 result=结果
retired=退休 return=归还 returned=归还 revenue=收入 review=审核 role=角色 room=房间 route=路线 salary=工资
sale=销售 sales=销售 salesperson=销售员 school=学校 score=分数 sector=部门 seq=序号 sequence=序号 serial=序列
service=服务 sex=性别 ship=发货 shipped=发货 shipper=承运人 shippers=承运人 short=简短 signature=签名 size=大小
social=社会 source=来源 special=特别 spouse=配偶 staff=职员 standard=标准 start=开始 state=状态 station=站点
status=状态 stock=库存 store=门店 street=街道 student=学生 subject=主题 subtotal=小计 summary=汇总 supplier=供应商
support=支持 surname=姓 system=系统 table=表 tag=标签 target=目标 tax=税 teacher=教师 tel=电话 telephone=电话
territory=地区 text=文本 time=时间 timestamp=时间戳 title=标题 to=至 token=令牌 total=合计 town=乡镇 track=曲目
trade=行业 transaction=交易 type=类型 union=工会 unit=单位 units=数量 update=更新 updated=更新 uri=网址 url=网址
user=用户 username=用户名 uuid=唯一标识 valid=有效 value=值 vehicle=车辆 vendor=供应商 version=版本 via=方式
village=村 visit=就诊 voucher=凭证 wage=工资 ward=病区 weight=重量 width=宽度 work=工作 worker=职工 year=年份
yearly=每年 zip=邮政编码 zone=区域
""")

_PHRASES: Final = {
    ("as", "of"): "截至",
    ("bank", "account"): "银行账号",
    ("bank", "card"): "银行卡号",
    ("birth", "day"): "出生日期",
    ("card", "no"): "卡号",
    ("card", "number"): "卡号",
    ("contact", "name"): "联系人姓名",
    ("contact", "title"): "联系人职务",
    ("create", "date"): "创建日期",
    ("create", "time"): "创建时间",
    ("created", "at"): "创建时间",
    ("credit", "code"): "统一社会信用代码",
    ("date", "of", "birth"): "出生日期",
    ("deleted", "at"): "删除时间",
    ("e", "mail"): "电子邮箱",
    ("employee", "name"): "员工姓名",
    ("first", "name"): "名",
    ("full", "name"): "姓名",
    ("home", "page"): "主页",
    ("id", "card"): "身份证号",
    ("id", "card", "no"): "身份证号",
    ("id", "card", "number"): "身份证号",
    ("id", "no"): "身份证号",
    ("id", "number"): "身份证号",
    ("identity", "card"): "身份证号",
    ("identity", "number"): "身份证号",
    ("idcard",): "身份证号",
    ("job", "title"): "职务",
    ("last", "name"): "姓",
    ("last", "update"): "最后更新时间",
    ("last", "updated"): "最后更新时间",
    ("legal", "person"): "法定代表人",
    ("legal", "representative"): "法定代表人",
    ("middle", "name"): "中间名",
    ("passwd",): "密码",
    ("patient", "name"): "患者姓名",
    ("person", "name"): "姓名",
    ("phone", "number"): "电话号码",
    ("postal", "code"): "邮政编码",
    ("pwd",): "密码",
    ("quantity", "per", "unit"): "单位包装数量",
    ("real", "name"): "姓名",
    ("region", "code"): "行政区划代码",
    ("reorder", "level"): "再订货点",
    ("reports", "to"): "上级编号",
    ("resident", "id"): "公民身份号码",
    ("secret",): "密钥",
    ("social", "credit", "code"): "统一社会信用代码",
    ("student", "name"): "学生姓名",
    ("support", "rep"): "客服代表",
    ("title", "of", "courtesy"): "称谓",
    ("unified", "social", "credit", "code"): "统一社会信用代码",
    ("unit", "price"): "单价",
    ("units", "in", "stock"): "库存数量",
    ("units", "on", "order"): "在订数量",
    ("updated", "at"): "更新时间",
    ("uscc",): "统一社会信用代码",
    ("zip", "code"): "邮政编码",
}
_LONGEST: Final = max(len(phrase) for phrase in _PHRASES)


@cache
def chinese_for(name: str) -> str | None:
    """The Chinese name that a legacy name stands for; None where it is in no known convention."""
    plain = name.strip().upper()
    return _CODES.get(plain) or _INITIALS.get(plain) or _english(words(name))


def _english(parts: tuple[str, ...]) -> str | None:
    """Word by word, longest phrase first; None as soon as one word is unknown."""
    out: list[str] = []
    at = 0
    while at < len(parts):
        for size in range(min(_LONGEST, len(parts) - at), 0, -1):
            found = _phrase(parts[at : at + size])
            if found is not None:
                out.append(found)
                at += size
                break
        else:
            return None
    return "".join(out) or None


def _phrase(parts: tuple[str, ...]) -> str | None:
    if found := _PHRASES.get(parts):
        return found
    if len(parts) > 1:
        return None
    (word,) = parts
    if word.isdecimal():
        return word
    return next((_WORDS[form] for form in _forms(word) if form in _WORDS), None)


def _forms(word: str) -> tuple[str, ...]:
    """The word itself, then what it may be the plural of."""
    return word, word.removesuffix("s"), word.removesuffix("es"), f"{word.removesuffix('ies')}y"
