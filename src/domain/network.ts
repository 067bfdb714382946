/** The network for which an address counts. One customer has a whole network of IPv6: its first 64 bits are what counts. */
export function networkOf(address: string): string {
  const text = canonicalAddress(address);
  if (!text.includes(':')) return text;
  const [before = '', after] = text.split('::');
  const head = before.split(':');
  const missing = after === undefined ? 0 : 8 - head.length - after.split(':').length;
  return [...head, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':');
}

/** An address as one text, however a system writes it. */
export function canonicalAddress(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  return URL.parse(`http://[${plain}]`)?.hostname.slice(1, -1) ?? plain;
}
