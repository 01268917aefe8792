/** Route 53 as `cutover doctor` asks it: the signature, the answers, and what is tried again. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { ListHostedZonesCommand, ListResourceRecordSetsCommand } from '../../adapters/aws/dns/commands.ts';
import { recordsIn, route53Client, signed, zonesIn } from '../../cli/pipeline/route53.ts';

const by = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const at = new Date('2015-08-30T12:36:00Z');

it('the signature is that of AWS’s own test suite for Signature Version 4 (get-vanilla)', () => {
  const { authorization } = signed(new URL('https://example.amazonaws.com/'), by, ['us-east-1', 'service'], at);
  expect(authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  );
});

it('the signature covers a query in the order of its names (get-vanilla-query-order-key-case)', () => {
  const url = new URL('https://example.amazonaws.com/?Param2=value2&Param1=value1');
  expect(signed(url, by, ['us-east-1', 'service'], at).authorization).toContain(
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  );
});

it('a session token is sent and signed', () => {
  const headers = signed(new URL('https://example.amazonaws.com/'), { ...by, sessionToken: 'T' }, ['a', 'b'], at);
  expect(headers['x-amz-security-token']).toBe('T');
  expect(headers.authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
});

const zones = `<?xml version="1.0"?><ListHostedZonesResponse><HostedZones>
<HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><Config><Comment>a &amp; b</Comment><PrivateZone>false</PrivateZone></Config></HostedZone>
<HostedZone><Id>/hostedzone/Z2</Id><Name>inside.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone>
</HostedZones><IsTruncated>true</IsTruncated><NextMarker>Z3</NextMarker><MaxItems>2</MaxItems></ListHostedZonesResponse>`;
const records = `<ListResourceRecordSetsResponse><ResourceRecordSets>
<ResourceRecordSet><Name>example.com.</Name><Type>NS</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>ns-1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>
<ResourceRecordSet><Name>shop.example.com.</Name><Type>A</Type><SetIdentifier>eu</SetIdentifier><Weight>1</Weight><AliasTarget><HostedZoneId>Z32</HostedZoneId><DNSName>dualstack.web-1.eu-west-1.elb.amazonaws.com.</DNSName><EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>
</ResourceRecordSets><IsTruncated>false</IsTruncated></ListResourceRecordSetsResponse>`;

it('zones and records are read from what Route 53 writes', () => {
  expect(zonesIn(zones)).toEqual({
    HostedZones: [
      { Id: '/hostedzone/Z1', Name: 'example.com.' },
      { Id: '/hostedzone/Z2', Name: 'inside.' },
    ],
    NextMarker: 'Z3',
  });
  const DNSName = 'dualstack.web-1.eu-west-1.elb.amazonaws.com.';
  expect(recordsIn(records)).toEqual({
    ResourceRecordSets: [
      { Name: 'example.com.', Type: 'NS' },
      {
        Name: 'shop.example.com.',
        Type: 'A',
        SetIdentifier: 'eu',
        AliasTarget: { DNSName, EvaluateTargetHealth: true },
      },
    ],
  });
});

const answers: [status: number, body: string][] = [];
const asked: IncomingMessage[] = [];
const server = createServer((request, response) => {
  asked.push(request);
  const [status, body] = answers.shift() ?? [500, ''];
  response.writeHead(status).end(body);
}).listen(0, '127.0.0.1');
afterAll(() => server.close());
const client = () => {
  const { port } = server.address() as AddressInfo;
  return route53Client({ credentials: async () => by, endpoint: `http://127.0.0.1:${port}`, pause: 1 });
};
const error = (code: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>said</Message></Error></ErrorResponse>`;

it('a throttled call is tried again, and a page begins where it was told to', async () => {
  answers.push([400, error('Throttling')], [503, ''], [200, records]);
  const start = { StartRecordName: '\\052.example.com.', StartRecordType: 'A', StartRecordIdentifier: 'one two' };
  await client().send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1', ...start }));
  expect(asked).toHaveLength(3);
  expect(asked[2]?.url).toBe('/2013-04-01/hostedzone/Z1/rrset?name=%5C052.example.com.&type=A&identifier=one%20two');
});

it('a refusal is an error under its code, and is not tried again', async () => {
  asked.length = 0;
  answers.push([403, error('AccessDenied')]);
  await expect(client().send(new ListHostedZonesCommand({ Marker: 'Z3' }))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'said',
    $fault: 'client',
  });
  expect(asked.map(({ url }) => url)).toEqual(['/2013-04-01/hostedzone?marker=Z3']);
});
