"""Beside stage 7, pure: a category is proposed for what no rule knows. A proposal never labels anything."""
