"""What there is of a service in an account, as another client than the pipeline's sees it: boto3, on the endpoint and name given."""

import json
import sys

import boto3

endpoint, name = sys.argv[1:3]


def client(service):
    keys = {"aws_access_key_id": "judge", "aws_secret_access_key": "judge"}
    return boto3.client(service, region_name="eu-west-1", endpoint_url=endpoint, **keys)


ec2, elb, autoscaling = client("ec2"), client("elbv2"), client("autoscaling")
alive = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
instances = {}
for page in ec2.get_paginator("describe_instances").paginate(Filters=alive):
    for reservation in page["Reservations"]:
        for instance in reservation["Instances"]:
            tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
            if tags.get("cutover:service") == name or tags.get("aws:autoscaling:groupName", "").startswith(f"{name}-"):
                instances[instance["InstanceId"]] = tags.get("cutover:release")

arns = {
    group["TargetGroupName"].rsplit("-", 1)[1]: group["TargetGroupArn"]
    for group in elb.describe_target_groups(Names=[f"{name}-blue", f"{name}-green"])["TargetGroups"]
}
targets = {
    slot: sorted(
        one["Target"]["Id"]
        for one in elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        if one["TargetHealth"]["State"] not in ("draining", "unused")
    )
    for slot, arn in arns.items()
}
balancer = elb.describe_load_balancers(Names=[name])["LoadBalancers"][0]["LoadBalancerArn"]
listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
rule = next(one for one in elb.describe_rules(ListenerArn=listener)["Rules"] if not one["IsDefault"])
weight_of = {
    one["TargetGroupArn"]: one.get("Weight") for one in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
}
groups = [
    {
        "desired": group["DesiredCapacity"],
        "least": group["MinSize"],
        "suspended": sorted(one["ProcessName"] for one in group["SuspendedProcesses"]),
    }
    for group in autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[f"{name}-blue", f"{name}-green"])[
        "AutoScalingGroups"
    ]
]
found = {
    "instances": instances,
    "targets": targets,
    "weights": {slot: weight_of[arn] for slot, arn in arns.items()},
    "groups": sorted(groups, key=lambda group: group["desired"]),
}
json.dump(found, sys.stdout)
