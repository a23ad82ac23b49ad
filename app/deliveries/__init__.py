"""The outbox: messages that wait for their channel, the transports that carry them."""
