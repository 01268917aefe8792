# One service. `terraform output -json orders` then has what cutover.config.ts needs.

variable "network" {
  type = object({
    vpc_id             = string
    subnet_ids         = list(string)
    listener_arn       = string
    security_group_ids = list(string)
  })
}

variable "image_id" {
  type = string
}

module "orders" {
  source = "../"

  service            = "orders"
  vpc_id             = var.network.vpc_id
  subnet_ids         = var.network.subnet_ids
  listener_arn       = var.network.listener_arn
  security_group_ids = var.network.security_group_ids
  image_id           = var.image_id
  instance_profile   = "orders"
  user_data          = file("${path.module}/../../instance/user-data.yaml")

  rules = {
    shop = { priority = 100, hosts = ["orders.example.com"] }
  }
}

output "orders" {
  value = {
    fleet = module.orders.fleet
    slots = module.orders.slots
    rules = module.orders.rules
  }
}
