"""How one thing bears on another: the hops that documents assert, and signed paths over them."""
