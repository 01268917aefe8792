/** The Terraform module: what it makes, and what a re-apply must leave alone. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { moduleFolder, resourcesOf } from './terraform.ts';

const resources = await resourcesOf('main.tf');
const readme = readFileSync(`${moduleFolder}/README.md`, 'utf8');

const ignored = (type: string): string[] => resources[type]?.lifecycle?.[0]?.ignore_changes ?? [];
const names = (list: string[]): string[] => list.map((one) => one.replace(/^\$\{(.+)\}$/, '$1')).sort();

test('it makes one of each in each slot, and rules that lead to both', () => {
  for (const type of ['aws_launch_template', 'aws_lb_target_group', 'aws_autoscaling_group'])
    expect(resources[type]?.for_each).toContain('local.slots');
  expect(Object.keys(resources).sort()).toEqual([
    'aws_autoscaling_group',
    'aws_launch_template',
    'aws_lb_listener_rule',
    'aws_lb_target_group',
  ]);
  const action = resources.aws_lb_listener_rule?.action;
  expect(action).toMatchObject([{ forward: [{ target_group: [{ weight: 100 }, { weight: 0 }] }] }]);
  // Group stickiness would defeat weights.
  expect(JSON.stringify(action)).not.toContain('stickiness');
});

test('what a rollout changes is what a re-apply ignores, and the README tells each', () => {
  expect(names(ignored('aws_autoscaling_group'))).toEqual([
    'desired_capacity',
    'launch_template',
    'min_size',
    'mixed_instances_policy',
    'suspended_processes',
    'tag',
  ]);
  expect(names(ignored('aws_lb_listener_rule'))).toEqual(['action']);
  for (const type of ['aws_autoscaling_group', 'aws_lb_listener_rule'])
    for (const name of names(ignored(type))) expect(readme).toMatch(new RegExp(`^\\| .*\`${name}\``, 'm'));
});

test('nothing else replaces instances, and an apply waits for none', () => {
  const group = resources.aws_autoscaling_group;
  expect(group).not.toHaveProperty('instance_refresh');
  expect(group).toMatchObject({ wait_for_capacity_timeout: '0', health_check_type: 'ELB', min_size: 0 });
});

test('an instance can read its own tags, and only by IMDSv2', () => {
  expect(resources.aws_launch_template?.metadata_options).toMatchObject([
    { http_tokens: 'required', instance_metadata_tags: 'enabled' },
  ]);
  const tags = JSON.stringify(resources).match(/"cutover:[^"]*"/g) ?? [];
  expect(tags.length).toBeGreaterThan(0);
  for (const tag of tags) expect(tag).not.toMatch(/[/\s]/);
});

test('the live group launches a numbered version', () => {
  expect(resources.aws_autoscaling_group?.launch_template).toMatchObject([
    { version: expect.stringContaining('.latest_version') },
  ]);
});
