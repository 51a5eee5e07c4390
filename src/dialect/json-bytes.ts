/** Characters of ASCII that JSON lets stand as they are inside a string (RFC 8259 section 7). */
const standsForItself = (code: number): boolean =>
  code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c;

const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** An escaped UTF-16 unit is the longest there is: six bytes; quotes and a comma come on top. */
const maxBytesPerUnit = 6;
const bytesAround = 3;
/** Digits and sign of a safe integer, and a comma. */
const maxBytesPerNumber = 18;

/**
 * JSON written as bytes, into memory that is used again for the next one: what a frame says in
 * hundreds of characters and numbers would else be as many strings, joined and thrown away.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written from `start` on; valid until more is. */
  slice(start: number, end: number = this.#length): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  clear(): void {
    this.#length = 0;
  }

  /** JSON that is finished already. */
  raw(json: string): void {
    this.#reserve(json.length * 3);
    const start = this.#length;
    for (let index = 0; index < json.length; index += 1) {
      const code = json.charCodeAt(index);
      if (code < 0x80) {
        this.#bytes[start + index] = code;
      } else {
        this.#length = start + this.#bytes.write(json, start, "utf8");
        return;
      }
    }
    this.#length = start + json.length;
  }

  /** An array of strings. */
  strings(values: readonly string[]): void {
    let units = 0;
    for (const value of values) units += value.length;
    this.#reserve(2 + units * maxBytesPerUnit + values.length * bytesAround);
    this.#byte(openBracket);
    for (let index = 0; index < values.length; index += 1) {
      if (index > 0) this.#byte(comma);
      this.#string(values[index] as string);
    }
    this.#byte(closeBracket);
  }

  /** An array of so many whole numbers. */
  integers(count: number, numberAt: (index: number) => number): void {
    this.#reserve(2 + count * maxBytesPerNumber);
    this.#byte(openBracket);
    for (let index = 0; index < count; index += 1) {
      if (index > 0) this.#byte(comma);
      this.#integer(numberAt(index));
    }
    this.#byte(closeBracket);
  }

  /** What was written from `start` to `end`, once more. */
  again(start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  #string(value: string): void {
    const code = value.charCodeAt(0);
    if (value.length !== 1 || !standsForItself(code)) {
      this.#length += this.#bytes.write(JSON.stringify(value), this.#length, "utf8");
      return;
    }
    this.#byte(quote);
    this.#byte(code);
    this.#byte(quote);
  }

  #integer(value: number): void {
    // Times of less than a quarter of an hour; anything else is rare.
    if (!(value >= 0 && value < 1e6)) {
      this.#length += this.#bytes.write(String(value), this.#length, "latin1");
      return;
    }
    const start = this.#length;
    let end = start + 1;
    for (let rest = value; rest >= 10; rest = Math.trunc(rest / 10)) end += 1;
    this.#length = end;
    for (let rest = value; end > start; rest = Math.trunc(rest / 10)) {
      end -= 1;
      this.#bytes[end] = zero + (rest % 10);
    }
  }

  #byte(value: number): void {
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #reserve(sizeBytes: number): void {
    if (this.#length + sizeBytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + sizeBytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
