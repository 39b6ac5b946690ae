@json
class CountInput {
  text: string = "";
}

@json
class CountOutput {
  words: i32 = 0;
  lines: i32 = 0;
  characters: i32 = 0;
  longest: string = "";
}

function isSpace(unit: i32): bool {
  return (
    unit == 0x20 ||
    (unit >= 0x09 && unit <= 0x0d) ||
    unit == 0x85 ||
    unit == 0xa0 ||
    unit == 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit == 0x2028 ||
    unit == 0x2029 ||
    unit == 0x202f ||
    unit == 0x205f ||
    unit == 0x3000 ||
    unit == 0xfeff
  );
}

/** Counts words, lines and characters, and finds the longest word. */
@action
export function count(input: CountInput): CountOutput {
  const text = input.text;
  const result = new CountOutput();
  let wordAt = -1;
  let wordCharacters = 0;
  let longest = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0x20;
    // The second half of a surrogate pair belongs to the character that its first half was counted for.
    const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff && i > 0 && isFirstHalf(text.charCodeAt(i - 1));
    if (i < text.length && !isSecondHalf) result.characters++;
    if (!isSpace(unit)) {
      if (wordAt < 0) {
        wordAt = i;
        wordCharacters = 0;
      }
      if (!isSecondHalf) wordCharacters++;
    } else if (wordAt >= 0) {
      result.words++;
      if (wordCharacters > longest) {
        longest = wordCharacters;
        result.longest = text.substring(wordAt, i);
      }
      wordAt = -1;
    }
    if (unit == 0x0a && i < text.length) result.lines++;
  }
  if (text.length > 0 && text.charCodeAt(text.length - 1) != 0x0a) result.lines++;
  return result;
}

function isFirstHalf(unit: i32): bool {
  return unit >= 0xd800 && unit <= 0xdbff;
}
