//! Writes a large journal, to see how long `gleaner history` takes: `large_journal FOLDER LINES MONTHS`.
//!
//! Every night some projects lose a hundred versions of ten packages each. Nothing waits for the disk.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "it is run by hand")]

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use gleaner::package::address::Address;
use gleaner::package::{FileId, PackageId, ProjectId};
use gleaner::record::journal::chain::{LineHash, Seq};
use gleaner::record::journal::line::{DeleteLine, EndedLine, FORMAT, FileNote, Grounds, Line, LineContent, RunLine};
use gleaner::record::journal::{Month, folder_name};
use jiff::{SignedDuration, Timestamp};

const URL: &str = "https://gitlab.example.com";
const PROJECTS: u64 = 5_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, lines, months] = arguments.as_slice() else { panic!("large_journal FOLDER LINES MONTHS") };
    let (lines, months): (u64, i64) = (lines.parse().unwrap(), months.parse().unwrap());
    let folder = Path::new(folder).join(folder_name(&Address::parse(URL).unwrap()));
    fs::create_dir_all(&folder).unwrap();
    let begin: Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
    let step = SignedDuration::from_secs(months * 30 * 86_400) / i32::try_from(lines).unwrap();
    let mut writer = Writer { folder, month: None, file: None, seq: Seq(0), hash: LineHash::default(), bytes: 0 };
    let mut now = begin;
    let mut number = 0;
    while writer.seq.0 < lines {
        let run = format!("run-{}", number / 20_000);
        let group: Vec<DeleteLine> = (number..number + 4).map(deletion).collect();
        number += 4;
        let items: Vec<_> = group.iter().map(DeleteLine::item).collect();
        let mut seqs = Vec::new();
        for delete in group {
            now += step;
            seqs.push(writer.write(&run, now, LineContent::Delete(Box::new(delete))));
        }
        for (of, item) in seqs.into_iter().zip(items) {
            now += step;
            let request_ids = vec![format!("01JD{of:022}")];
            let ended = EndedLine { of, item, outcome: "deleted".to_owned(), problem: None, request_ids };
            writer.write(&run, now, LineContent::Ended(ended));
        }
    }
    writer.file.unwrap().flush().unwrap();
    println!("{} lines, {} bytes", writer.seq, writer.bytes);
}

/// A batch is a hundred versions of ten packages of one project.
fn deletion(number: u64) -> DeleteLine {
    let batch = number / 100;
    let project = batch * 7919 % PROJECTS;
    let name = format!("com/acme/team{}/service{project}-part{}", project % 90, number % 100 / 10);
    let sha256 = |id: u64| Some(LineHash::of(&id.to_le_bytes()).to_string());
    let file =
        |id: u64| FileNote { id: FileId(id), name: Some(format!("part-{id}.jar")), size: Some(id), sha256: sha256(id) };
    DeleteLine {
        grounds: Grounds {
            policy: format!("team{}-snapshots", project % 90),
            policy_sha256: LineHash::of(b"policy").to_string(),
            revision: Some("9c1f3a77".to_owned()),
            rule: Some("delete[0]".to_owned()),
            reason: "selected".to_owned(),
            because: "version matches *-SNAPSHOT; never downloaded in 1148 days (not_downloaded_for 90d)".to_owned(),
            who: Some("retention-bot".to_owned()),
        },
        project_id: ProjectId(project),
        project_path: Some(format!("acme/team{}/service{project}", project % 90)),
        package_id: PackageId(number),
        package_type: "generic".to_owned(),
        name,
        channel: None,
        version: Some(format!("1.{batch}.{}-SNAPSHOT", number % 10)),
        created_at: None,
        bytes: Some(number),
        pipeline: None,
        files: Some(vec![file(2 * number), file(2 * number + 1)]),
        file: None,
        r#try: 1,
        again_of: None,
    }
}

struct Writer {
    folder: std::path::PathBuf,
    month: Option<Month>,
    file: Option<BufWriter<File>>,
    seq: Seq,
    hash: LineHash,
    bytes: usize,
}

impl Writer {
    fn write(&mut self, run: &str, time: Timestamp, content: LineContent) -> Seq {
        let month = Month::of(time);
        if self.month != Some(month) {
            self.month = Some(month);
            if let Some(mut file) = self.file.take() {
                file.flush().unwrap();
            }
            self.file = Some(BufWriter::new(File::create(self.folder.join(month.file_name())).unwrap()));
            let run_line = RunLine {
                began: time,
                generator: "gleaner 0.1.0".to_owned(),
                instance: URL.to_owned(),
                command: "serve".to_owned(),
                who: Some("retention-bot".to_owned()),
                revision: None,
            };
            self.append(run, time, LineContent::Run(run_line));
        }
        self.append(run, time, content)
    }

    fn append(&mut self, run: &str, time: Timestamp, content: LineContent) -> Seq {
        self.seq = self.seq.next();
        let line = Line { format: FORMAT, seq: self.seq, prev: self.hash, time, run: run.to_owned(), content };
        let bytes = line.written().unwrap();
        self.hash = LineHash::of(&bytes[..bytes.len() - 1]);
        self.bytes += bytes.len();
        self.file.as_mut().unwrap().write_all(&bytes).unwrap();
        self.seq
    }
}
