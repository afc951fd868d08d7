"""The native-messaging host: carries calls of a mail client's plugin to the daemon, and answers back."""
