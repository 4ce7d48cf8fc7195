const LONGEST = 254;
/** One @, a name before it and a domain after it; whether anybody reads mail there only a mail can tell. */
const FORM =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

/** An e-mail address as it was given; undefined for what is none. */
export function emailAddress(text: string): string | undefined {
  return text.length <= LONGEST && FORM.test(text) ? text : undefined;
}
