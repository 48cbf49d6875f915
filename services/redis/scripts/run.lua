-- Ends each script.
return ops[ARGV[1]]()
