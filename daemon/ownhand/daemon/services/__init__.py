"""What the rpc layer asks for: one noun a module, over the store, the stages and the ports."""
