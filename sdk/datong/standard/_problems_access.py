"""Refusals for want of a valid token (401) or of a grant that covers the call (403)."""

from __future__ import annotations

from typing import Final

from datong.model import Text
from datong.standard._problem_type import ProblemType, Table


def _unauthenticated(title: Text, detail: Text) -> ProblemType:
    return ProblemType(401, title, detail)


def _forbidden(title: Text, detail: Text) -> ProblemType:
    return ProblemType(403, title, detail)


TOKEN_PROBLEMS: Final[Table] = {
    "token-missing": _unauthenticated(
        Text("No token", "缺少令牌"),
        Text(
            "This path needs a token. Send it in the header `Authorization: Bearer …`.",
            "访问该路径须提供令牌，请在请求头 `Authorization: Bearer …` 中携带。",
        ),
    ),
    "token-malformed": _unauthenticated(
        Text("The token is malformed", "令牌格式错误"),
        Text(
            "The value after `Bearer` is no signed JWT in compact form. Fetch a new token from the exchange.",
            "`Bearer` 之后的内容不是紧凑格式的签名 JWT，请向共享交换平台重新获取令牌。",
        ),
    ),
    "token-unsigned": _unauthenticated(
        Text("The token is not signed", "令牌未签名"),
        Text(
            "A token without a signature (`alg: none`) is never accepted. Use a token signed by a trusted issuer.",
            "不接受未签名（`alg: none`）的令牌，请使用受信任签发方签名的令牌。",
        ),
    ),
    "token-algorithm": _unauthenticated(
        Text("The token's algorithm is not allowed", "令牌签名算法不被允许"),
        Text(
            "The token is signed with an algorithm outside the allow-list. Allowed: {allowed}.",
            "令牌所用签名算法不在允许范围内，允许的算法：{allowed}。",
        ),
    ),
    "token-signature": _unauthenticated(
        Text("The token's signature is wrong", "令牌签名无效"),
        Text(
            "The signature does not verify with any key of its issuer. Fetch a new token; if that fails too, "
            "the issuer's keys registered here may be out of date.",
            "使用签发方公钥验签未通过。请重新获取令牌；如仍失败，可能是此处登记的签发方公钥已过期。",
        ),
    ),
    "token-expired": _unauthenticated(
        Text("The token has expired", "令牌已过期"),
        Text(
            "The time in `exp` has passed. Fetch a new token and repeat the call.",
            "令牌 `exp` 所载时间已过，请重新获取令牌后再次调用。",
        ),
    ),
    "token-not-yet-valid": _unauthenticated(
        Text("The token is not valid yet", "令牌尚未生效"),
        Text(
            "The time in `nbf` or `iat` lies in the future. Check the clock of the issuer and of this host.",
            "令牌 `nbf` 或 `iat` 所载时间晚于当前时间，请核对签发方与本机时钟。",
        ),
    ),
    "token-lifetime": _unauthenticated(
        Text("The token lives too long", "令牌有效期过长"),
        Text(
            "From `iat` to `exp` at most {maximum} seconds are accepted. Ask the issuer for a shorter token.",
            "从 `iat` 到 `exp` 的时长不得超过 {maximum} 秒，请向签发方申请有效期更短的令牌。",
        ),
    ),
    "token-replayed": _unauthenticated(
        Text("The token was used before", "令牌已被使用"),
        Text(
            "This entry takes each token once only. Fetch a new token for each call.",
            "该目录条目的令牌仅限使用一次，请为每次调用单独获取令牌。",
        ),
    ),
    "issuer-unknown": _unauthenticated(
        Text("The token's issuer is not trusted", "令牌签发方不受信任"),
        Text(
            "The issuer in `iss` is not registered at this adapter. Fetch the token from the exchange this "
            "adapter is registered with.",
            "`iss` 所载签发方未在本适配器登记，请向本适配器注册所在的共享交换平台获取令牌。",
        ),
    ),
    "key-unknown": _unauthenticated(
        Text("The token's key is not known", "令牌签名公钥未登记"),
        Text(
            "No key of the issuer fits `kid` and `alg` of the token. Its keys registered here may be out of date.",
            "签发方已登记的公钥中，没有与令牌的 `kid` 和 `alg` 相符者，此处登记的公钥可能已过期。",
        ),
    ),
    "wrong-audience": _unauthenticated(
        Text("The token is meant for another audience", "令牌受众不符"),
        Text(
            "`aud` must be exactly `{expected}`, as published at /.well-known/gds-adapter.",
            "`aud` 须与 /.well-known/gds-adapter 公布的值完全一致：`{expected}`。",
        ),
    ),
    "claim-missing": _unauthenticated(
        Text("The token lacks a claim", "令牌缺少声明"),
        Text(
            "The token does not carry `{claim}`, or not in the right form. Ask the issuer for a token that does.",
            "令牌中缺少 `{claim}` 或其形式不正确，请向签发方申请包含该声明的令牌。",
        ),
    ),
    "role-not-trusted": _unauthenticated(
        Text("The issuer may not give this role", "签发方无权授予该角色"),
        Text(
            "The issuer of this token is not trusted for the role `{role}`.",
            "本适配器不认可该签发方授予的角色 `{role}`。",
        ),
    ),
}

GRANT_PROBLEMS: Final[Table] = {
    "wrong-provider": _forbidden(
        Text("The token is for another provider", "令牌所指提供部门不符"),
        Text(
            "`providerId` must be `{expected}`, the provider of this adapter.",
            "`providerId` 须为本适配器的数据提供部门：`{expected}`。",
        ),
    ),
    "wrong-entry": _forbidden(
        Text("The token is for another catalog entry", "令牌所指目录条目不符"),
        Text(
            "`catalogId` of the token differs from the entry in the path. Fetch a token for this entry.",
            "令牌中的 `catalogId` 与路径中的目录条目不一致，请获取针对该条目的令牌。",
        ),
    ),
    "grant-unknown": _forbidden(
        Text("The grant is not known here", "授权不存在"),
        Text(
            "This adapter holds no grant with the `grantId` of the token for this provider and entry. Ask the "
            "exchange to push it.",
            "本适配器未收到令牌中 `grantId` 所指的授权，请联系共享交换平台下发。",
        ),
    ),
    "grant-consumer": _forbidden(
        Text("The grant belongs to another consumer", "授权不属于该使用部门"),
        Text(
            "The consumer of the grant is not the `consumerId` of the token.",
            "授权的使用部门与令牌中的 `consumerId` 不一致。",
        ),
    ),
    "grant-entry": _forbidden(
        Text("The grant is for another catalog entry", "授权所指目录条目不符"),
        Text(
            "The entry of the grant is not the `catalogId` of the token.",
            "授权的目录条目与令牌中的 `catalogId` 不一致。",
        ),
    ),
    "grant-scope": _forbidden(
        Text("The scope of the grant cannot be applied", "授权范围无法适用"),
        Text(
            "The grant limits rows by an item that this entry no longer has. Ask the exchange to renew the grant.",
            "授权按某一数据项限定记录范围，而该条目已不含此数据项，请联系共享交换平台更新授权。",
        ),
    ),
    "wrong-purpose": _forbidden(
        Text("The purpose is not the granted one", "使用目的不符"),
        Text(
            "`purposeId` of the token is not the purpose of the grant. Data may be used for the granted purpose "
            "only (Order 809, Art. 25).",
            "令牌中的 `purposeId` 与授权的使用目的不一致，数据仅限用于授权目的（《政务数据共享条例》第二十五条）。",
        ),
    ),
    "grant-not-yet-valid": _forbidden(
        Text("The grant is not valid yet", "授权尚未生效"),
        Text("The grant begins later (`validFrom`).", "尚未到达授权生效时间（`validFrom`）。"),
    ),
    "grant-expired": _forbidden(
        Text("The grant has expired", "授权已到期"),
        Text(
            "The grant has ended (`validUntil`). Apply for a new one through the exchange.",
            "授权期限已届满（`validUntil`），请通过共享交换平台重新申请。",
        ),
    ),
    "grant-suspended": _forbidden(
        Text("The grant is suspended", "授权已暂停"),
        Text(
            "Sharing under this grant is suspended (Order 809, Art. 27). Ask the provider's sharing office.",
            "该授权下的共享已暂停（《政务数据共享条例》第二十七条），请联系数据提供部门的政务数据共享工作机构。",
        ),
    ),
    "grant-terminated": _forbidden(
        Text("The grant is terminated", "授权已终止"),
        Text(
            "Sharing under this grant has ended (Order 809, Art. 27). Ask the provider's sharing office.",
            "该授权下的共享已终止（《政务数据共享条例》第二十七条），请联系数据提供部门的政务数据共享工作机构。",
        ),
    ),
    "method-not-granted": _forbidden(
        Text("The sharing method is not granted", "共享方式未获授权"),
        Text(
            "The grant does not list the sharing method `{method}`.",
            "授权中未包含共享方式 `{method}`。",
        ),
    ),
    "item-not-granted": _forbidden(
        Text("A data item is outside the grant", "数据项超出授权范围"),
        Text(
            "Not in the scope of the grant: {item}. Name granted items only, or leave `fields` out.",
            "以下数据项不在授权范围内：{item}。请仅请求已授权的数据项，或省略 `fields` 参数。",
        ),
    ),
    "item-masked": _forbidden(
        Text("A data item is masked for this purpose", "数据项对该使用目的作脱敏处理"),
        Text(
            "Masked for the purpose of the grant, so it can be neither filtered nor sorted by: {item}.",
            "以下数据项对授权目的作脱敏处理，不得用于筛选或排序：{item}。",
        ),
    ),
    "not-shared": _forbidden(
        Text("The entry is not shared", "该目录条目不予共享"),
        Text(
            "The catalog lists this entry as not shared; the reason and the legal basis are in the catalog entry.",
            "该条目在目录中列为不予共享类，理由及法律依据见目录条目。",
        ),
    ),
    "role-required": _forbidden(
        Text("Another role is needed", "角色权限不足"),
        Text("This path needs a token with the role `{role}`.", "访问该路径须使用角色为 `{role}` 的令牌。"),
    ),
}
