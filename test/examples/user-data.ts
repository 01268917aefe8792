/** The user data of examples/instance, made of the two files that it carries. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const folder = join(import.meta.dirname, '..', '..', 'examples', 'instance');

const indented = (name: string): string =>
  readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `      ${line}`))
    .join('\n');

export const userData = (): string => `#cloud-config
# The same for every release, so that a launch template carries it once and for all: which image to run, the instance reads from its own
# tag. Amazon Linux 2023. It carries cutover-run and cutover-app.service as they are beside it.
packages:
  - docker
  - awscli-2
write_files:
  - path: /usr/local/bin/cutover-run
    permissions: '0755'
    content: |
${indented('cutover-run')}
  - path: /etc/systemd/system/cutover-app.service
    permissions: '0644'
    content: |
${indented('cutover-app.service')}
runcmd:
  - [systemctl, enable, --now, docker]
  - [systemctl, enable, --now, cutover-app]
`;
