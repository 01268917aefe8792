# Two slots, blue and green: in each an Auto Scaling group, its launch template, and the one target group that it is attached to.
# Terraform makes them and owns what they are; Cutover moves traffic between them and says how many run of what. What the two of them
# would fight about stands in the ignore_changes below, each with its reason in README.md.

locals {
  slots = toset(["blue", "green"])

  # Where a fresh service's traffic leads, and what its first rollout replaces.
  first = "blue"

  # No slash and no blank in a key: with instance_metadata_tags enabled, such an instance would not be launched at all.
  tags = { "cutover:service" = var.service }
}

resource "aws_launch_template" "slot" {
  for_each = local.slots

  name                   = "${var.service}-${each.key}"
  image_id               = var.image_id
  instance_type          = var.instance_type
  vpc_security_group_ids = var.security_group_ids
  user_data              = var.user_data == "" ? null : base64encode(var.user_data)
  update_default_version = true

  iam_instance_profile {
    name = var.instance_profile
  }

  metadata_options {
    http_tokens                 = "required"
    http_endpoint               = "enabled"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "enabled"
  }

  tags = local.tags
}

resource "aws_lb_target_group" "slot" {
  for_each = local.slots

  name                 = "${var.service}-${each.key}"
  vpc_id               = var.vpc_id
  port                 = var.port
  protocol             = "HTTP"
  target_type          = "instance"
  deregistration_delay = var.deregistration_delay

  # The same for both: a fleet must not be healthy in one slot and not in the other.
  health_check {
    path                = var.health_check_path
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
    matcher             = "200"
  }

  tags = local.tags
}

resource "aws_autoscaling_group" "slot" {
  for_each = local.slots

  name                      = "${var.service}-${each.key}"
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = [aws_lb_target_group.slot[each.key].arn]
  min_size                  = 0
  max_size                  = var.max_size
  desired_capacity          = each.key == local.first ? var.count_at_first : 0
  health_check_type         = "ELB"
  health_check_grace_period = var.health_check_grace_period
  default_cooldown          = 0

  # An apply must not wait for instances that only a rollout brings.
  wait_for_capacity_timeout = "0"

  launch_template {
    id = aws_launch_template.slot[each.key].id
    # A number, for the first launch only. Under $Latest, a new version would change what the live group launches at its next replacement.
    version = aws_launch_template.slot[each.key].latest_version
  }

  tag {
    key                 = "cutover:service"
    value               = var.service
    propagate_at_launch = false
  }

  lifecycle {
    ignore_changes = [
      min_size,
      desired_capacity,
      launch_template,
      mixed_instances_policy,
      suspended_processes,
      tag,
    ]
  }
}

resource "aws_lb_listener_rule" "service" {
  for_each = var.rules

  listener_arn = var.listener_arn
  priority     = each.value.priority

  action {
    type = "forward"

    # Both slots in every rule, from the first day: a target group that no rule names is not health-checked.
    forward {
      target_group {
        arn    = aws_lb_target_group.slot["blue"].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.slot["green"].arn
        weight = 0
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.hosts) > 0 ? [each.value.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.paths) > 0 ? [each.value.paths] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  tags = local.tags

  lifecycle {
    ignore_changes = [action]
  }
}
