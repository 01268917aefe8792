output "fleet" {
  description = "For groups(…) in cutover.config.ts."
  value       = { for slot, group in aws_autoscaling_group.slot : slot => group.name }
}

output "slots" {
  value = { for slot, group in aws_lb_target_group.slot : slot => group.arn }
}

output "rules" {
  value = [for rule in aws_lb_listener_rule.service : rule.arn]
}
