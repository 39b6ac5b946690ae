// The contract by hand, since wit-bindgen needs a newer compiler than the one that comes with a standard library for WASI.
use std::alloc::{alloc, realloc, Layout};
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, slice, str};

#[export_name = "cabi_realloc"]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, size: usize, align: usize, new: usize) -> *mut u8 {
    let layout = |bytes| Layout::from_size_align_unchecked(bytes, align);
    match (size, new) {
        (_, 0) => align as *mut u8,
        (0, _) => alloc(layout(new)),
        _ => realloc(old, layout(size), new),
    }
}

extern "C" {
    fn __wasm_call_ctors();
}

// Without it the linker has every export set up the C library first, `cabi_realloc` too, which must call nobody.
#[no_mangle]
pub unsafe extern "C" fn _initialize() {
    __wasm_call_ctors()
}

/// `result<string, failure>` in memory; the tag is one byte.
#[repr(C)]
pub struct Answer {
    tag: u8,
    text: *const u8,
    length: usize,
    failure: [u32; 8],
}

#[export_name = "morphee:extension/actions@0.9.0#invoke"]
pub unsafe extern "C" fn invoke(action: *mut u8, action_length: usize, _input: *mut u8, _input_length: usize) -> *const Answer {
    let action = str::from_utf8_unchecked(slice::from_raw_parts(action, action_length));
    let text = match action {
        "fail" => panic!("as it should"),
        "exit" => {
            eprint!("no such order");
            std::process::exit(3)
        }
        _ => go(),
    };
    let text = Box::leak(text.into_boxed_str());
    Box::leak(Box::new(Answer { tag: 0, text: text.as_ptr(), length: text.len(), failure: [0; 8] }))
}

fn go() -> String {
    println!("it goes");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let count = match fs::read_to_string("count.txt") {
        Ok(text) => text.parse::<u32>().unwrap() + 1,
        Err(_) => 1,
    };
    fs::write("count.txt", count.to_string()).unwrap();
    let words: HashMap<&str, usize> = ["one", "three"].iter().map(|word| (*word, word.len())).collect();
    let variables = env::vars().count();
    let climbed = fs::read("../../etc/passwd").is_ok();
    format!(
        r#"{{"now":{},"count":{},"three":{},"variables":{},"climbed":{}}}"#,
        now, count, words["three"], variables, climbed
    )
}
