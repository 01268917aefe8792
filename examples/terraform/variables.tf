variable "service" {
  description = "The service's name in cutover.config.ts."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,23}$", var.service))
    error_message = "Lower-case letters, digits and dashes, 24 at most: it is part of the names of groups and target groups."
  }
}

variable "vpc_id" {
  description = "Where the target groups are."
  type        = string
}

variable "subnet_ids" {
  description = "Where instances are launched: each in a zone that the load balancer serves."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "At least one subnet."
  }
}

variable "listener_arn" {
  description = "The HTTPS listener of the Application Load Balancer. Its default action is not touched."
  type        = string
}

variable "rules" {
  description = "Rules that lead to the service, by a name of yours: a priority, and hosts or paths."
  type = map(object({
    priority = number
    hosts    = optional(list(string), [])
    paths    = optional(list(string), [])
  }))

  validation {
    condition     = length(var.rules) > 0 && alltrue([for rule in var.rules : length(rule.hosts) + length(rule.paths) > 0])
    error_message = "At least one rule, and each with hosts or paths."
  }
}

variable "image_id" {
  description = "The AMI of the very first launch template version. From then on releases bring their own, or run a container on it."
  type        = string
}

variable "instance_type" {
  type    = string
  default = "m7g.large"
}

variable "instance_profile" {
  description = "Name of the instance profile. Cutover needs iam:PassRole on its role, and on no other."
  type        = string
}

variable "security_group_ids" {
  type = list(string)
}

variable "user_data" {
  description = "The same for every release: it reads which image to run from the instance's own tag. See examples/instance."
  type        = string
  default     = ""
}

variable "port" {
  type    = number
  default = 8080
}

variable "health_check_path" {
  type    = string
  default = "/health"
}

variable "count_at_first" {
  description = "Instances of the group that serves when the module is applied for the first time. Later numbers are the group's own and Cutover's."
  type        = number
  default     = 0

  validation {
    condition     = var.count_at_first >= 0 && floor(var.count_at_first) == var.count_at_first
    error_message = "A whole number, 0 or more."
  }
}

variable "max_size" {
  description = "Of each group: the most that traffic ever needs. Cutover never writes it."
  type        = number
  default     = 20
}

variable "health_check_grace_period" {
  description = "Seconds, longer than an instance takes from running to healthy: a group ends what is unhealthy after that."
  type        = number
  default     = 300
}

variable "deregistration_delay" {
  description = "Seconds that requests in flight have when an instance leaves."
  type        = number
  default     = 60
}
