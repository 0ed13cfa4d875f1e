"""APIs of shops, review tools and survey tools as inputs."""
