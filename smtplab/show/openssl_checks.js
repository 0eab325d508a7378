// OpenSSL's verdict on first bytes, evaluated in the page: the rules are the data of smtplab/verdict.py, given as
// `branches` and `names`; the walk is the same as its `judge`, and a test compares the two on random bytes.
// Python's None is null, but undefined where the kernel runs in the browser: hence `== null` in all these scripts.

const hex = (number, width) => number.toString(16).padStart(width, "0");

/** The name of a number from the wire, or unknown(50). */
function nameOf(table, number) {
  return table[number] ?? `unknown(${number})`;
}

function alertText(names, number, level = 2) {
  const words = { 1: "warning", 2: "fatal" }[level] ?? `unknown(${level})`;
  return `${words} alert ${number} (${nameOf(names.alerts, number)})`;
}

function parseHeader(data) {
  return data.length < 5 ? null : { type: data[0], version: data[1] * 256 + data[2], length: data[3] * 256 + data[4] };
}

/** The row for a version such as "3.0" or "OpenSSL 3.0.19 27 Jan 2026"; undefined if none fits. */
function branchOf(branches, openssl) {
  const found = /^(?:openssl[ -])?([134])\.(\d+)(?:\.(\d+))?/.exec(openssl.trim().toLowerCase());
  if (!found) return undefined;
  const version = [+found[1], +found[2], found[3] === undefined ? (found[1] === "1" ? 0 : 99) : +found[3]];
  const before = (a, b) => {  // as Python compares tuples
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] < b[i];
    return a.length < b.length;
  };
  return branches.find((branch) => !before(version, branch.first) && before(version, branch.end));
}

/** {verdict, alert (a number or null), needed, checks: [{check, passed, because}], rest: checks not come to}; null
 *  where it was not measured. */
function judge(data, branch, role, names) {
  const header = parseHeader(data), checks = [];
  const end = (verdict, alert, needed, rest = []) => ({ verdict, alert, needed, checks, rest, header });
  const check = (name, passed, because) => { checks.push({ check: name, passed, because }); return passed; };
  if (branch.name === "1.0.2") return role === "server" ? null : walk102(data, header, branch, names, end, check);
  if (!header) return end("wait", null, 5, branch.rules.map((rule) => rule.check));
  for (const [i, rule] of branch.rules.entries()) {
    const { passed, because, verdict } = look(rule, header, data);
    if (!check(rule.check, passed, because))
      return end(verdict, rule.alert ?? null, 5, branch.rules.slice(i + 1).map((later) => later.check));
  }
  const whole = 5 + header.length;
  if (!check("the whole record is here", data.length >= whole, `${whole} bytes promised, ${data.length} here`))
    return end("wait", null, whole);
  if (header.length > 16384) {  // the releases that let such a header pass look again at the whole record
    check("unencrypted, it is at most 16384", false, `length is ${header.length}`);
    return end("data length too long", 22, whole);
  }
  return body(data.slice(5, whole), header.type, branch, role, names, end, check, whole);
}

function look(rule, header, data) {
  const { version, length } = header, major = version >> 8;
  if (rule.field === "version")
    return { passed: version !== rule.value, because: `version is 0x${hex(version, 4)}`, verdict: rule.verdict };
  if (rule.field === "length")
    return { passed: length <= rule.value, because: `length is ${length} (0x${hex(length, 4)})`,
             verdict: rule.verdict };
  const begins = ([text]) => [...text].every((character, i) => character.charCodeAt(0) === data[i]);
  return { passed: major === rule.value, because: `major version is ${major} (0x${hex(major, 2)})`,
           verdict: (rule.methods.find(begins) ?? [null, rule.verdict])[1] };
}

function body(bytes, type, branch, role, names, end, check, whole) {
  const [hello, name] = role === "server" ? [1, "ClientHello"] : [2, "ServerHello"], later = whole + 5;
  const unexpected = () => end("unexpected message", 10, whole);
  const known = [20, 21, 22].includes(type) && !(type === 21 && role === "server");
  if (!check("content type is one a handshake may begin with", known, `type is ${type}`)) return unexpected();
  if (type === 21) {
    if (!check("an alert is two bytes", bytes.length === 2, `${bytes.length} bytes`))
      return end("invalid alert", 10, whole);
    return alert(bytes, branch, names, end, check, whole);
  }
  if (type === 20) {
    if (!bytes.length) return end("wait", null, later);
    check("a ChangeCipherSpec may come now", false, "no hello came before");
    return bytes.length === 1 && bytes[0] === 1 ? unexpected() : end("bad change cipher spec", 10, whole);
  }
  if (bytes.length < 4) return end("wait", null, later);
  if (check(`the first message is a ${name}`, bytes[0] === hello, `handshake type is ${bytes[0]}`))
    return end("accept", null, whole);
  const skipped = hello === 2 && bytes.slice(0, 4).every((byte) => byte === 0);
  return skipped ? end("wait", null, later) : unexpected();
}

function alert([level, number], branch, names, end, check, whole) {
  check("the peer sent no alert", false, alertText(names, number, level));
  if (level === 1 && number === 0) return end("close notify", null, whole);
  const reasons = names.alert_reasons[branch.alert_prefix];
  if (level === 2) return end(reasons[number] ?? `reason(${1000 + number})`, null, whole);
  if (number === 100) return end("no renegotiation", 40, whole);
  return level === 1 ? end("wait", null, whole + 5) : end("unknown alert type", 47, whole);
}

function walk102(data, header, branch, names, end, check) {
  const first = "version is 0x0300 to 0x0303", second = "a ServerHello or an alert";
  if (data.length < 7) return end("wait", null, 7, [first, second]);
  const { type, version, length } = header;
  if (!check(first, version >= 0x300 && version <= 0x303, `version is 0x${hex(version, 4)}`))
    return end("unknown protocol", null, 7, [second]);
  const hello = type === 22 && data[5] === 2, isAlert = type === 21 && length === 2;
  if (!check(second, hello || isAlert, `type is ${type}, byte 6 is ${data[5]}, length ${length}`))
    return end("unknown protocol", null, 7);
  return hello ? end("accept", null, 7) : alert(data.slice(5, 7), branch, names, end, check, 7);
}
