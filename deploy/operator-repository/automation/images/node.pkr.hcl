# Optional: the stock image of Raspberry Pi OS with the packages that the role base_os installs. README.md says when it is
# worth having. Built on Linux with qemu-user-static:
#   packer init node.pkr.hcl && sudo packer build -var image_url=… -var image_sha256=… node.pkr.hcl
packer {
  required_plugins {
    arm = {
      source  = "github.com/mkaczanowski/arm"
      version = ">= 1.0.9"
    }
  }
}

variable "image_url" {
  type        = string
  description = "Of the image as raspberrypi.com publishes it: …-raspios-bookworm-arm64-lite.img.xz."
}

variable "image_sha256" {
  type        = string
  description = "As published beside it. Without it the build is refused."
}

source "arm" "node" {
  file_urls             = [var.image_url]
  file_checksum         = var.image_sha256
  file_checksum_type    = "sha256"
  file_target_extension = "xz"
  file_unarchive_cmd    = ["xz", "--decompress", "$ARCHIVE_PATH"]
  image_build_method    = "reuse"
  image_path            = "out/node.img"
  image_size            = "4G"
  image_type            = "dos"

  image_partitions {
    name         = "boot"
    type         = "c"
    start_sector = "8192"
    filesystem   = "vfat"
    size         = "512M"
    mountpoint   = "/boot/firmware"
  }
  image_partitions {
    name         = "root"
    type         = "83"
    start_sector = "1056768"
    filesystem   = "ext4"
    size         = "0"
    mountpoint   = "/"
  }

  qemu_binary_source_path      = "/usr/bin/qemu-aarch64-static"
  qemu_binary_destination_path = "/usr/bin/qemu-aarch64-static"
}

build {
  sources = ["source.arm.node"]

  provisioner "shell" {
    inline = [
      "apt-get update",
      "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates chrony curl iptables jq",
      "apt-get clean",
    ]
  }
}
