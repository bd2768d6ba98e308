"""The pages: what people see in a browser. Each module is one part of the site; templates lie in ``web/templates``."""
