//! Korean.

use super::{Template, Text};

pub const fn guest(template: Template) -> Text {
    match template {
        Template::Held => Text {
            subject: "{offering} 예약을 접수했습니다",
            body: "{offering}, {when}, 수량 {quantity}. {total} 결제가 확인되면 예약이 확정됩니다.",
        },
        Template::Confirmed => Text {
            subject: "{offering} 예약이 확정되었습니다",
            body: "{offering}, {when}, 수량 {quantity}, {total}. 곧 뵙겠습니다.",
        },
        Template::Rejected => Text {
            subject: "{offering} 예약이 이루어지지 않았습니다",
            body: "{offering}, {when}: 예약되지 않았습니다. 결제된 금액이 있으면 모두 환불됩니다.",
        },
        Template::Cancelled => Text {
            subject: "{offering} 예약이 취소되었습니다",
            body: "{offering}, {when}, 수량 {quantity} 예약이 취소되었습니다. 환불은 따로 알려 드립니다.",
        },
        Template::Expired => Text {
            subject: "{offering} 예약이 만료되었습니다",
            body: "{offering}, {when}: 기한 안에 결제되지 않아 예약되지 않았습니다.",
        },
        Template::CheckedIn => Text {
            subject: "{offering}에 오신 것을 환영합니다",
            body: "{offering}, {when} 체크인이 완료되었습니다. 편안한 시간 보내세요.",
        },
        Template::Completed => Text {
            subject: "{offering} 이용이 완료되었습니다",
            body: "{offering}, {when}: 이용해 주셔서 감사합니다. 다시 뵙기를 바랍니다.",
        },
        Template::NoShow => Text {
            subject: "{offering} 예약이 미방문으로 처리되었습니다",
            body: "{offering}, {when}: 방문이 확인되지 않아 미방문(노쇼)으로 처리되었습니다.",
        },
        Template::Refunded => Text {
            subject: "{offering} 환불 안내",
            body: "{offering} 예약에 대해 {refunded}을(를) 환불했습니다.",
        },
    }
}

pub const fn host(template: Template) -> Option<Text> {
    match template {
        Template::Confirmed => Some(Text {
            subject: "새 예약: {offering}",
            body: "{guest} 님이 {offering}, {when}, 수량 {quantity}, {total} 예약을 확정했습니다.",
        }),
        Template::Cancelled => Some(Text {
            subject: "예약 취소: {offering}",
            body: "{guest} 님의 {offering}, {when}, 수량 {quantity} 예약이 취소되어 자리가 다시 비었습니다.",
        }),
        Template::Completed => Some(Text {
            subject: "이용 완료: {offering}",
            body: "{guest} 님의 {offering}, {when} 이용이 완료되었습니다.",
        }),
        Template::NoShow => Some(Text {
            subject: "미방문: {offering}",
            body: "{guest} 님이 {offering}, {when}, 수량 {quantity} 예약에 오지 않았습니다.",
        }),
        Template::Held | Template::Rejected | Template::Expired | Template::CheckedIn | Template::Refunded => None,
    }
}
