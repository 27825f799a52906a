# The capabilities that nothing in a host may have: with them it could set the machine's clock, load modules, open its disks.
# Sourced by all that begins a process in a host, as setpriv's --bounding-set.
dropped=-sys_time,-sys_module,-sys_rawio,-syslog,-mknod,-wake_alarm,-block_suspend
