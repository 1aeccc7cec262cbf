"""The policy pack: what no stage may do, asked of every resource before it is made. A module for each kind of rule; `pack` hands them to Pulumi."""
