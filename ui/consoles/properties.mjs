// Java's .properties files: key = value, comments, continued lines, \uXXXX.
export function parseProperties(text) {
  const found = {};
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at].trimStart();
    if (line === "" || line[0] === "#" || line[0] === "!") continue;
    while (/(^|[^\\])(\\\\)*\\$/.test(line) && at + 1 < lines.length) line = line.slice(0, -1) + lines[++at].trimStart();
    const [, key, value] = /^((?:\\.|[^\\\s=:])*)\s*[=:]?\s*(.*)$/s.exec(line);
    found[unescape(key)] = unescape(value);
  }
  return found;
}

const NAMED = { n: "\n", t: "\t", r: "\r", f: "\f" };
const unescape = text => text.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, c) => (c.length === 5 ? String.fromCharCode(parseInt(c.slice(1), 16)) : NAMED[c] ?? c));
