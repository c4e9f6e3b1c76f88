"""A person's own basket of services, priced whole: across localities, releases and settings."""
