//! Korean.

use super::{Template, Text, say};
use kernel::Kind;

pub const fn guest(template: Template) -> Option<Text> {
    match template {
        Template::Held => say(
            "{offering} 예약을 접수했습니다",
            "{offering}, {when}, {count}. {total} 결제가 확인되면 예약이 확정됩니다.",
        ),
        Template::Confirmed => {
            say("{offering} 예약이 확정되었습니다", "{offering}, {when}, {count}, {total}. 즐거운 {visit} 되세요.")
        }
        Template::Rejected => say(
            "{offering} 예약이 이루어지지 않았습니다",
            "{offering}, {when}, {count}: 예약되지 않았습니다. 결제된 금액이 있으면 모두 환불됩니다.",
        ),
        Template::Cancelled => say(
            "{offering} 예약이 취소되었습니다",
            "{offering}, {when}, {count} 예약이 취소되었습니다. 환불이 있으면 따로 알려 드립니다.",
        ),
        Template::Expired => say(
            "{offering} 예약이 만료되었습니다",
            "{offering}, {when}, {count}: 기한 안에 결제되지 않아 예약되지 않았습니다.",
        ),
        Template::CheckedIn => say(
            "{offering}에 오신 것을 환영합니다",
            "{offering}, {when} 체크인이 완료되었습니다. 즐거운 {visit} 되세요.",
        ),
        Template::Completed => say(
            "{offering} 이용이 완료되었습니다",
            "{offering}, {when} {visit}이 완료되었습니다. 이용해 주셔서 감사합니다.",
        ),
        Template::NoShow => say(
            "{offering} 예약이 미방문으로 처리되었습니다",
            "{offering}, {when}: 방문이 확인되지 않아 미방문(노쇼)으로 처리되었습니다.",
        ),
        Template::Refunded => say("{offering} 환불 안내", "{offering} 예약에 대해 {refunded}을(를) 환불했습니다."),
        Template::Issued => say(
            "{offering} 대기번호는 {number}번입니다",
            "{offering} 대기가 등록되었습니다: {number}번, {party}.{wait} 자리가 준비되면 알려 드립니다.",
        ),
        Template::Deferred => say(
            "{offering} 순서를 미루었습니다",
            "{offering} 대기번호 {number}번, {party}: 다른 손님께 순서를 양보하고 계속 대기합니다.",
        ),
        Template::Called => say(
            "{offering}: 지금 입장해 주세요",
            "대기번호 {number}번, {party}: {offering} 자리가 준비되었습니다. 입장해 주세요{until}.",
        ),
        Template::Seated => {
            say("{offering}: 입장해 주세요", "{offering} 자리가 준비되었습니다, {party}. 맛있게 드세요.")
        }
        Template::Left => say(
            "{offering}을(를) 찾아 주셔서 감사합니다",
            "{offering}을(를) 찾아 주셔서 감사합니다. 다시 뵙기를 바랍니다.",
        ),
        Template::TicketCancelled => {
            say("{offering} 대기가 취소되었습니다", "{offering} 대기, {party}: 취소되었습니다.")
        }
        Template::TicketNoShow => say(
            "{offering} 입장 순서가 지났습니다",
            "{offering} 대기번호 {number}번, {party}: 호출했으나 오지 않으셔서 대기가 종료되었습니다.",
        ),
        Template::ReviewPosted | Template::ReviewChanged | Template::ReviewRemoved => None,
    }
}

pub const fn host(template: Template) -> Option<Text> {
    match template {
        Template::Confirmed => {
            say("새 예약: {offering}", "{guest} 님이 {offering}, {when}, {count}, {total} 예약을 확정했습니다.")
        }
        Template::Cancelled => say(
            "예약 취소: {offering}",
            "{guest} 님의 {offering}, {when}, {count} 예약이 취소되어 자리가 다시 비었습니다.",
        ),
        Template::Completed => {
            say("이용 완료: {offering}", "{guest} 님의 {offering}, {when} {visit}이 완료되었습니다.")
        }
        Template::NoShow => {
            say("미방문: {offering}", "{guest} 님이 {offering}, {when}, {count} 예약에 오지 않았습니다.")
        }
        Template::Issued => {
            say("{offering} 새 대기: {number}번", "{guest} 님이 {offering}에서 대기합니다: {number}번, {party}.")
        }
        Template::Seated => say("{offering} 입장", "{guest} 님, {party}: {offering}에 입장했습니다."),
        Template::TicketCancelled => {
            say("{offering} 대기 취소", "{guest} 님, {party}: {offering} 대기를 취소했습니다.")
        }
        Template::TicketNoShow => {
            say("{offering} 대기 미방문", "{guest} 님, {number}번, {party}: {offering}에서 호출했으나 오지 않았습니다.")
        }
        Template::ReviewPosted => {
            say("{offering} 새 리뷰: {rating}", "{guest} 님이 {offering}에 {rating}을 주었습니다:\n\n{review}")
        }
        Template::ReviewChanged => {
            say("{offering} 리뷰 수정: {rating}", "{guest} 님이 {offering} 리뷰를 {rating}으로 고쳤습니다:\n\n{review}")
        }
        Template::ReviewRemoved => say("{offering} 리뷰 삭제", "{guest} 님이 {offering} 리뷰를 삭제했습니다."),
        Template::Held
        | Template::Rejected
        | Template::Expired
        | Template::CheckedIn
        | Template::Refunded
        | Template::Deferred
        | Template::Called
        | Template::Left => None,
    }
}

pub fn count(kind: Kind, quantity: i64) -> String {
    match kind {
        Kind::Nights => format!("객실 {quantity}개"),
        Kind::Slots => format!("자리 {quantity}개"),
        Kind::Seats | Kind::Line => format!("좌석 {quantity}석"),
    }
}

pub const fn visit(kind: Kind) -> &'static str {
    match kind {
        Kind::Nights => "숙박",
        Kind::Slots | Kind::Line => "이용",
        Kind::Seats => "관람",
    }
}

pub fn nights(nights: i64) -> String {
    format!("{nights}박")
}

pub fn wait(likely: i64, most: i64) -> String {
    format!(" 예상 대기 시간은 약 {likely}분, 길어도 보통 {most}분입니다.")
}

pub fn until(time: &str) -> String {
    format!(": {time}까지 자리를 지켜 드립니다")
}
