use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, io, io::Read, process, thread};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    println!("args {:?} {}", args, env::var("COLOUR").unwrap());

    fs::create_dir("notes").unwrap();
    fs::write("notes/a.txt", "hello\n").unwrap();
    println!("{:?}", fs::read_to_string("notes/a.txt"));
    for entry in fs::read_dir("notes").unwrap() {
        let entry = entry.unwrap();
        println!("entry {:?} {}", entry.file_name(), entry.file_type().unwrap().is_dir());
    }
    println!("none {:?}", fs::read("notes/none").unwrap_err().kind());
    println!("climb {:?}", fs::read("notes/../../etc/passwd").unwrap_err().kind());
    fs::rename("notes/a.txt", "notes/b.txt").unwrap();
    fs::remove_file("notes/b.txt").unwrap();
    fs::remove_dir("notes").unwrap();

    let mut words = HashMap::new();
    for word in "one two one".split(' ') {
        *words.entry(word).or_insert(0) += 1;
    }
    println!("map {} {}", words["one"], words["two"]);

    let mut typed = String::new();
    io::stdin().read_to_string(&mut typed).unwrap();
    println!("stdin {}", typed);

    let start = Instant::now();
    thread::sleep(Duration::from_millis(5));
    println!("slept {}", start.elapsed() >= Duration::from_millis(5));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    println!("time {}", now.as_secs() > 1_700_000_000);
    eprintln!("done");
    process::exit(1);
}
