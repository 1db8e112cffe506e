# The stack of a release, for those who keep their infrastructure in Terraform. The template is the release's, once its code is
# uploaded:
#
#   aws cloudformation package --template-file template-arm64.yaml --s3-bucket BUCKET --output-template-file packaged.yaml
#
# What is not set has the default of the template, which says what each is and refuses what it does not accept.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 3.39" }
  }
}

variable "template" {
  description = "The text of packaged.yaml, such as file(\"packaged.yaml\")."
  type        = string
}

variable "name" {
  description = "The name of the stack."
  type        = string
  default     = "ncp-cert-alert"
}

variable "NcpSecret" { default = null }
variable "WebhookSecret" { default = null }
variable "EventSecretArns" { default = null }
variable "KmsKeyArn" { default = null }
variable "AlarmEmail" { default = null }
variable "AlarmTopicArn" { default = null }
variable "MissedRunHours" { default = null }
variable "DailyExpression" { default = null }
variable "SummaryExpression" { default = null }
variable "TimeZone" { default = null }
variable "WarnDays" { default = null }
variable "CriticalDays" { default = null }
variable "CertificateManager" { default = null }
variable "WarnShare" { default = null }
variable "CriticalShare" { default = null }
variable "Probe" { default = null }
variable "ProbeHosts" { default = null }
variable "NcpApiUrl" { default = null }
variable "MessageLanguage" { default = null }
variable "RunbookUrl" { default = null }
variable "PermissionsBoundary" { default = null }

resource "aws_cloudformation_stack" "alert" {
  name          = var.name
  template_body = var.template
  capabilities  = ["CAPABILITY_IAM"]

  parameters = { for name, value in {
    NcpSecret           = var.NcpSecret
    WebhookSecret       = var.WebhookSecret
    EventSecretArns     = var.EventSecretArns
    KmsKeyArn           = var.KmsKeyArn
    AlarmEmail          = var.AlarmEmail
    AlarmTopicArn       = var.AlarmTopicArn
    MissedRunHours      = var.MissedRunHours
    DailyExpression     = var.DailyExpression
    SummaryExpression   = var.SummaryExpression
    TimeZone            = var.TimeZone
    WarnDays            = var.WarnDays
    CriticalDays        = var.CriticalDays
    CertificateManager  = var.CertificateManager
    WarnShare           = var.WarnShare
    CriticalShare       = var.CriticalShare
    Probe               = var.Probe
    ProbeHosts          = var.ProbeHosts
    NcpApiUrl           = var.NcpApiUrl
    MessageLanguage     = var.MessageLanguage
    RunbookUrl          = var.RunbookUrl
    PermissionsBoundary = var.PermissionsBoundary
  } : name => value if value != null }
}

output "outputs" {
  description = "The outputs of the stack: commands for a sample, a dry run, a run, and what a fan-out is given."
  value       = aws_cloudformation_stack.alert.outputs
}
