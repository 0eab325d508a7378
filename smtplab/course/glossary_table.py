"""placeholder"""
def glossary(): pass
