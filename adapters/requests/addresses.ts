/** Addresses that a configuration's requests never go to: link-local ones, where a machine keeps its metadata and credentials. */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const refused = new BlockList();
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
// EC2's metadata over IPv6.
refused.addSubnet('fd00:ec2::', 32, 'ipv6');
// The same over IPv6: mapped, compatible, and through NAT64.
for (const prefix of ['::ffff:', '::', '64:ff9b::']) refused.addSubnet(`${prefix}169.254.0.0`, 112, 'ipv6');

export const isRefused = (address: string): boolean => {
  const [plain = ''] = address.split('%');
  const family = isIP(plain);
  return family === 0 || refused.check(plain, family === 6 ? 'ipv6' : 'ipv4');
};

const refusal = (what: string): Error =>
  new Error(`${what} is a link-local address, where a machine keeps its metadata: nothing there is asked`);

/** Throws for an address that is written out; a name is looked at when it is resolved. */
export const expectAllowed = (url: string): void => {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isRefused(host)) throw refusal(host);
};

/** Looks a name up for the connection itself: what was looked at before could be another address by then. */
export const lookupWith =
  (resolve: typeof lookup): LookupFunction =>
  (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const wrong = found.find(({ address }) => isRefused(address));
      const [first] = found;
      if (wrong !== undefined) return callback(refusal(`${name}, which is ${wrong.address},`), '', 0);
      if (options.all === true) return callback(null, found);
      callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };

export const guardedLookup: LookupFunction = lookupWith(lookup);
