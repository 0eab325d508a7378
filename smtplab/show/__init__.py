"""What people see: text, and later pictures and widgets."""
