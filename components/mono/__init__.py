"""Everything in one container: supervisord runs nginx, the apps, the workers and the servers they use."""
