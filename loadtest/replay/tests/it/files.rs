//! Reading files that people have: what is understood, and what a faulty line is answered.

use flate2::Compression;
use flate2::write::GzEncoder;
use replay::{Hotel, Op, Plan};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use tempfile::TempDir;

const HEADER: &str = "hotel,is_canceled,lead_time,arrival_date_year,arrival_date_month,arrival_date_week_number,\
    arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,meal,country,\
    market_segment,distribution_channel,is_repeated_guest,previous_cancellations,previous_bookings_not_canceled,\
    reserved_room_type,assigned_room_type,booking_changes,deposit_type,agent,company,days_in_waiting_list,\
    customer_type,adr,required_car_parking_spaces,total_of_special_requests,reservation_status,\
    reservation_status_date";

/// A stay of three nights from 2024-02-28, booked 30 days before, cancelled or not.
fn row(status: &str, status_on: &str) -> String {
    format!(
        "Resort Hotel,0,30,2024,February,9,28,1,2,2,NA,0,\"BB, or \"\"none\"\"\",PRT,Direct,Direct,0,0,0,C,C,3,\
         No Deposit,NULL,NULL,0,Transient,-6.38,0,0,{status},{status_on}"
    )
}

fn file(folder: &TempDir, rows: &[String]) -> PathBuf {
    let path = folder.path().join("bookings.csv");
    fs::write(&path, format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    path
}

#[test]
fn the_published_columns_are_read_plain_and_in_gzip() {
    let folder = TempDir::new().unwrap();
    let quoted = row("Check-Out", "2024-03-02").replace("PRT", "\"P\nT\"");
    let path = file(&folder, &[quoted, row("Canceled", "2024-01-29"), row("Canceled", "2024-02-01")]);
    let plan = Plan::read_original(&path).unwrap();
    let told: Vec<String> = plan
        .events()
        .iter()
        .map(|event| format!("{} {} {}", event.on, event.op.name(), plan.booking(event).number))
        .collect();
    assert_eq!(
        told,
        [
            "2024-01-29 book 1",
            "2024-01-29 book 2",
            "2024-01-29 book 3",
            "2024-01-29 cancel 2",
            "2024-02-01 cancel 3",
            "2024-02-28 check_in 1",
            "2024-03-02 check_out 1",
        ]
    );
    let nights: Vec<String> = plan.bookings()[0].nights().map(|night| night.to_string()).collect();
    assert_eq!(nights, ["2024-02-28", "2024-02-29", "2024-03-01"]);
    assert_eq!(plan.span(Hotel::Resort).map(|(from, to)| (from.to_string(), to.to_string())).unwrap().1, "2024-03-02");
    assert_eq!(plan.span(Hotel::City), None);

    let packed = folder.path().join("bookings.csv.gz");
    let mut gzip = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::fast());
    gzip.write_all(&fs::read(&path).unwrap()).unwrap();
    gzip.finish().unwrap();
    assert!(Plan::read_original(&packed).unwrap() == plan);
}

#[test]
fn a_faulty_line_is_named_with_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let good = row("No-Show", "2024-02-28");
    for (wanted, faulty) in [
        ("line 3: `lead_time`: invalid digit", good.replace(",30,", ",many,")),
        ("line 3: `lead_time`: invalid digit", good.replace(",30,", ",-1,")),
        ("line 3: `lead_time` 40000 is more than 3650 days", good.replace(",30,", ",40000,")),
        ("line 3: there is no 30 February 2024", good.replace("9,28,", "9,30,")),
        ("line 3: `arrival_date_month` is an English month, not `fevrier`", good.replace("February", "fevrier")),
        ("line 3: `hotel` is City Hotel or Resort Hotel, not `Grand Hotel`", good.replace("Resort", "Grand")),
        ("line 3: a stay from 2024-02-28", good.replace(",1,2,2,NA", ",1,999,2,NA")),
        ("line 3: `stays_in_week_nights`: number too large", good.replace(",1,2,2,NA", ",1,99999999,2,NA")),
        ("line 3: `reservation_status` is Check-Out, Canceled or No-Show", good.replace("No-Show", "Lost")),
        (
            "line 3: `reservation_status_date` is a day such as 2015-07-01, not `yesterday`",
            good.replace("2024-02-28", "yesterday"),
        ),
        ("line 3: `reservation_status_date` 2024-01-28 lies before 2024-01-29", row("Canceled", "2024-01-28")),
        ("line 3: `reservation_status_date` 2024-02-27 lies before 2024-02-28", row("Check-Out", "2024-02-27")),
        ("found record with 2 fields", "Resort Hotel,0".to_owned()),
    ] {
        let fault = format!("{:#}", Plan::read_original(&file(&folder, &[good.clone(), faulty])).unwrap_err());
        assert!(fault.contains(wanted) && fault.contains("bookings.csv"), "{fault}, wanted {wanted}");
    }
}

#[test]
fn a_file_of_something_else_is_refused() {
    let folder = TempDir::new().unwrap();
    let refused = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        format!("{:#}", Plan::read_original(&path).unwrap_err())
    };
    assert!(refused("empty", b"").contains("has no bookings"));
    assert!(refused("header", HEADER.as_bytes()).contains("has no bookings"));
    assert!(refused("other", b"a,b\n1,2\n").contains("line 2: missing field `hotel`"));
    assert!(refused("torn", &[0x1f, 0x8b, 8, 0]).contains("torn"));
    let latin = [HEADER.as_bytes(), b"\n", &row("No-Show", "2024-02-28").replace("PRT", "~").into_bytes()].concat();
    let latin: Vec<u8> = latin.into_iter().map(|byte| if byte == b'~' { 0xe9 } else { byte }).collect();
    assert!(refused("latin", &latin).contains("line 2"), "{}", refused("latin", &latin));
    assert!(format!("{:#}", Plan::read_original(&folder.path().join("none")).unwrap_err()).contains("none"));
}

#[test]
fn a_derived_list_keeps_its_order_and_each_booking_is_booked_once() {
    let folder = TempDir::new().unwrap();
    let (events, bookings) = (folder.path().join("events.csv"), folder.path().join("bookings.csv"));
    let stays =
        "booking_no,hotel,arrival,departure,more\n9,city,2024-02-28,2024-03-01,x\n4,resort,2024-02-28,2024-02-28,\n";
    let read = |bookings_text: &str, list: &str| {
        fs::write(&bookings, bookings_text).unwrap();
        fs::write(&events, format!("on,phase,booking_no,op\n{list}")).unwrap();
        Plan::read_derived(&events, &bookings).map_err(|fault| format!("{fault:#}"))
    };
    let plan = read(stays, "2024-01-01,2,9,book\n2024-01-01,2,4,book\n2024-01-02,1,9,cancel\n").unwrap();
    let told: Vec<(u32, Op)> = plan.events().iter().map(|event| (plan.booking(event).number, event.op)).collect();
    assert_eq!(told, [(9, Op::Book), (4, Op::Book), (9, Op::Cancel)]);
    assert_eq!(plan.clone().limited(2).events().len(), 2);
    for (list, wanted) in [
        ("2024-01-01,2,5,book\n", "line 2: there is no booking 5"),
        ("2024-01-01,2,9,steal\n", "line 2: there is no `op` named `steal`"),
        ("2024-01-01,2,9,cancel\n", "line 2: `cancel` of booking 9"),
        ("2024-01-01,2,9,book\n2024-01-01,2,9,book\n", "line 3: `book` of booking 9"),
        ("2024-01-02,2,9,book\n2024-01-01,2,4,book\n", "line 3: 2024-01-01 lies before"),
        ("", "has no events"),
    ] {
        let fault = read(stays, list).unwrap_err();
        assert!(fault.contains(wanted), "{fault}, wanted {wanted}");
    }
    let twice = format!("{stays}9,city,2024-02-28,2024-03-01,x\n");
    assert!(read(&twice, "2024-01-01,2,9,book\n").unwrap_err().contains("booking 9 is there twice"));
    let backwards = stays.replace("2024-03-01", "2024-02-01");
    assert!(read(&backwards, "").unwrap_err().contains("line 2: a stay from 2024-02-28 to 2024-02-01"));
}
